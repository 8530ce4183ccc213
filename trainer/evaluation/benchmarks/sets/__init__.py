"""Sets of candidate passages: their views, rankings, outcomes and figures."""

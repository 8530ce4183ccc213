"""The writer ``contrasts``: instructions about what one passage mentions and another does not."""

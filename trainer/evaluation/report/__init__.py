"""Reports of an evaluation: results.json, report.md, report.html and a picture."""

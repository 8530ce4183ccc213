"""What an evaluation leaves behind: results.json, report.md, report.html and a picture."""

"""HTML of the page. All text from outside is escaped."""

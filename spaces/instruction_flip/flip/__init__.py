"""The demo of the instruction flip: engine, page and text."""

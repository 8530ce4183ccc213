"""What is measured on: local folders in one layout, converters into it, and mteb's tasks."""

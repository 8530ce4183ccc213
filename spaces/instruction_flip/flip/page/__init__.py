"""The Gradio page: components, event handlers, HTML and the named API."""

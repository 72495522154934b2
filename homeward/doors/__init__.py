"""Ways in and out beside the web pages."""

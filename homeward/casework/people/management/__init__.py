"""Commands about people for whoever runs an installation."""

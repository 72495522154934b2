"""Commands an operator gives to the kernel."""

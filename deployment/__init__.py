"""`make deploy` and `make destroy`: what stands around Terraform."""

"""The programs beside the product."""

"""Generated input that no sane peer sends, against a node as installed; after each batch the node must do its work."""

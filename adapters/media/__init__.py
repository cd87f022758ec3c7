"""Pictures: where they are kept, and those that the shop draws itself."""

"""Pictures of goods that the shop draws itself: flat, in few colours, the same for the same wish."""

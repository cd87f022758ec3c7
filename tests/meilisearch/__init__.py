"""A Meilisearch to test against: as strict as its description, as slow, absent or ailing as a test wants it."""

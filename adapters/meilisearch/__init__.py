"""Search by Meilisearch: what it is told, what it is asked, and what its answers mean."""

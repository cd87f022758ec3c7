delete from search_miss where words in (select words from search_miss order by last_seen desc, words offset $1)

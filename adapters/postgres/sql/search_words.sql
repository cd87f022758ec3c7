-- Of each word of a query: its stem, whether a product has it, and if not, the living words that may have been meant. The
-- last one may be a beginning. Short words are compared letter by letter: one error leaves them few trigrams to be found by.
-- Arguments stand in a SELECT, so that one plan is kept for all: making one takes longer than to look a word up.
select stem, known, case when not known then array(
    select concat_ws(' ', near.word, coalesce((ts_lexize('english_stem', near.word))[1], near.word), near.shown)
    from (
      select w.word, w.shown from search_word w
      where (length(asked.word) > 5 and (w.word % asked.word or w.word like left(asked.word, 3) || '%'))
        or (length(asked.word) <= 5 and length(w.word) between length(asked.word) - 2 and length(asked.word) + 2
          and levenshtein_less_equal(w.word, asked.word, 2) <= 2)
      order by similarity(w.word, asked.word) desc, w.word limit 50
    ) near
    where exists (
      select from search_document d where d.is_active = (select $3::boolean) and d.words @@ ('''' || near.word || '''')::tsquery)
  ) end, case when not known and length(asked.word) > 5 then (
    select array[head.shown, tail.shown]
    from generate_series(3, length(asked.word) - 3) as at
    join search_word head on head.word = left(asked.word, at)
    join search_word tail on tail.word = substr(asked.word, at + 1)
    order by abs(length(asked.word) - 2 * at) limit 1
  ) end
from unnest((select $1::text[]), (select $2::text[])) with ordinality as asked (word, spellings, place)
cross join lateral (select ts_lexize('english_stem', asked.word) as stem) s
cross join lateral (select (asked.spellings || coalesce(' | ''' || stem[1] || '''', ''))::tsquery as spelt) q
-- A common word is among the first few hundred; the index would read all of its entries to say so.
cross join lateral (select exists (
    select from (select words, is_active from search_document limit 300) d where d.is_active = (select $3::boolean) and d.words @@ spelt
  ) or exists (
    select from search_document d where d.is_active = (select $3::boolean) and d.words @@ spelt
  ) as known) k
order by place

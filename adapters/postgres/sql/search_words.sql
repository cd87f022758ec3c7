-- Of each word of a query: its stem, whether an active product has it, and if not what may have been meant. The last one
-- may be a beginning. Short words are compared letter by letter, since one error leaves them few trigrams to be found by.
select stem, known, case when not known then array(
    select concat_ws(' ', w.word, coalesce((ts_lexize('english_stem', w.word))[1], w.word), w.shown) from search_word w
    where (length(asked.word) > 5 and (w.word % asked.word or w.word like left(asked.word, 3) || '%'))
      or (length(asked.word) <= 5 and length(w.word) between length(asked.word) - 2 and length(asked.word) + 2
        and levenshtein_less_equal(w.word, asked.word, 2) <= 2)
    order by similarity(w.word, asked.word) desc, w.word limit 100
  ) end, case when not known and length(asked.word) > 5 then (
    select array[head.shown, tail.shown]
    from generate_series(3, length(asked.word) - 3) as at
    join search_word head on head.word = left(asked.word, at)
    join search_word tail on tail.word = substr(asked.word, at + 1)
    order by abs(length(asked.word) - 2 * at) limit 1
  ) end
from unnest($1::text[], $2::text[], $3::bool[]) with ordinality as asked (word, other_spellings, is_last, place)
cross join lateral (select ts_lexize('english_stem', asked.word) as stem) s
cross join lateral (select exists (
    select from search_document d
    where d.is_active and d.words @@ (asked.other_spellings || coalesce(' | ''' || stem[1] || '''', ''))::tsquery
  ) as known) k
order by place

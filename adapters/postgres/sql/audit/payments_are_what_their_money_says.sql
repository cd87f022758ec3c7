select intent, format('%s, %s captured and %s refunded of %s', state, captured, refunded, amount)
from payment
where state <> case
    when refunded > 0 and refunded = captured then 'refunded' when refunded > 0 then 'partially_refunded'
    when captured > 0 then 'succeeded' else state end
  or (captured = 0 and amount > 0 and state not in ('pending', 'processing', 'failed', 'cancelled'))
  or (captured > 0) <> (paid_at is not null)

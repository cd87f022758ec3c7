select number, format('%s, %s; paid %s, shipped %s, delivered %s, cancelled %s',
  status, payment_status, paid_at, shipped_at, delivered_at, cancelled_at)
from purchase
where (status = 'cancelled') <> (cancelled_at is not null)
  or (status = 'delivered') <> (delivered_at is not null)
  or (status in ('shipped', 'delivered')) <> (shipped_at is not null)
  or (status in ('processing', 'shipped', 'delivered') and paid_at is null)
  or (status = 'pending' and paid_at is not null)
  or ((payment_status in ('pending', 'failed')) <> (paid_at is null)
    and not (status = 'cancelled' and payment_status = 'refunded')) -- money that came too late, and went back

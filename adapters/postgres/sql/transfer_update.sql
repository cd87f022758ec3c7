update transfer
   set status = $3, attempts = $4, due_at = $5, done = $6, total = $7, counts = $8, errors = $9, notes = $10, failure = $11,
       started_at = $12, finished_at = $13, version = $14
 where id = $1 and version = $2

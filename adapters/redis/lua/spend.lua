-- One attempt at a quota (GCRA) by Redis's own clock, in milliseconds. KEYS: the bucket. ARGV: quota, window.
-- Answers {passed, how many more may pass at once, seconds until the next one may}.
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local quota, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local step = window / quota
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + step
local over = due - now - window
if over > 0.5 then
  return {0, 0, math.max(1, math.ceil(over / 1000))}
end
redis.call('SET', KEYS[1], string.format('%.3f', due), 'PX', math.ceil(due - now) + 1)
return {1, math.floor((window - (due - now)) / step + 0.0001), 0}

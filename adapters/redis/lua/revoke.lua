-- Raises floors that are lower. KEYS: of whom. ARGV: how long they last in milliseconds, then a floor for each key.
for n, key in ipairs(KEYS) do
  if tonumber(ARGV[n + 1]) >= tonumber(redis.call('GET', key) or '0') then
    redis.call('SET', key, ARGV[n + 1], 'PX', ARGV[1])
  end
end
return #KEYS

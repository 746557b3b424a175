-- JSON as an AI SDK sends it, with the key from the environment; BENCH_BYTES is its size, about. Made-up content.
local sentence = "Tell me about the weather in made-up places. "
local bytes = tonumber(os.getenv("BENCH_BYTES") or "1024")
local text = string.rep(sentence, math.max(1, math.floor((bytes - 110) / #sentence)))
local stream = os.getenv("BENCH_STREAM") == "yes" and '"stream":true,' or ""
wrk.method = "POST"
-- Each text is another one: what a gateway remembers of texts is not what is measured.
local head = '{' .. stream .. '"model":"made-up-1","messages":[{"role":"user","content":"'
local tail = ' ' .. text .. '"}],"user":"someone-42"}'
local sent = 100000
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. (os.getenv("BENCH_KEY") or "none")
for pair in string.gmatch(os.getenv("BENCH_HEADERS") or "", "[^\n]+") do
  local name, value = string.match(pair, "^([^:]+): (.*)$")
  wrk.headers[name] = value
end

function request()
  sent = sent + 1
  return wrk.format(nil, nil, nil, head .. sent .. tail)
end

function done(summary, latency, requests)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  io.write(string.format(
    'JSON {"requests":%d,"seconds":%.6f,"p50":%d,"p99":%d,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), failed))
end

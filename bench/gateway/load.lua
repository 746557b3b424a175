-- 1 KB of JSON as an AI SDK sends it, with the key from the environment. Made-up content.
local text = string.rep("Tell me about the weather in made-up places. ", 20)
wrk.method = "POST"
wrk.body = '{"model":"made-up-1","messages":[{"role":"user","content":"' .. text .. '"}],"user":"someone-42"}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. (os.getenv("BENCH_KEY") or "none")

function done(summary, latency, requests)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  io.write(string.format(
    'JSON {"requests":%d,"seconds":%.6f,"p50":%d,"p99":%d,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), failed))
end

using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Causerie.Tests;

namespace Causerie.Conformance.Fuzz;

/// <summary>Mutated requests to every endpoint: answered or refused, never a fault of ours, a hang or growth.</summary>
/// <remarks><c>CAUSERIE_FUZZ=100000</c> asks for more than the few that every run has.</remarks>
public sealed class RequestFuzzTests(ITestOutputHelper output)
{
    private const int Some = 3000;
    private const long MostGrowth = 96L << 20; // bytes of managed memory

    private static readonly (string Method, string Path, string? Body)[] Seeds =
    [
        ("POST", "/v1/chat/completions", """{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"é\ud83d\ude00"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"}],"temperature":0.5,"top_p":1,"n":2,"seed":7,"stop":["a","b"],"logit_bias":{"5":1.5},"max_tokens":3,"logprobs":true,"top_logprobs":2}"""),
        ("POST", "/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"string"}}},"strict":true}}],"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,"reasoning_effort":"low"}"""),
        ("POST", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object","properties":{"a":{"enum":[1,"b",null]}},"required":["a"]}}},"store":true,"metadata":{"k":"v"}}"""),
        ("POST", "/v1/responses", """{"model":"m","input":[{"role":"user","content":"a"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"r"},{"type":"reasoning","id":"r","summary":[],"content":[{"type":"reasoning_text","text":"t"}]},{"role":"assistant","content":[{"type":"output_text","text":"x"}]}],"instructions":"i","tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"tool_choice":"auto","text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}}},"reasoning":{"effort":"high"},"metadata":{"a":"b"},"include":["message.output_text.logprobs"],"store":true}"""),
        ("POST", "/v1/chat/completions", """{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"f","input":"x"}}]},{"role":"tool","tool_call_id":"c","content":"r"}],"tools":[{"type":"custom","custom":{"name":"f","description":"d","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: A"}}}}],"tool_choice":{"type":"custom","custom":{"name":"f"}}}"""),
        ("POST", "/v1/responses", """{"model":"m","input":[{"type":"custom_tool_call","call_id":"c","name":"f","input":"x"},{"type":"custom_tool_call_output","call_id":"c","output":"r"}],"tools":[{"type":"custom","name":"f","format":{"type":"grammar","syntax":"regex","definition":"a+"}}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"custom","name":"f"}]},"stream":true}"""),
        ("POST", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"grammar":{"syntax":"lark","definition":"start: A"}}"""),
        ("POST", "/v1/responses", """{"model":"m","input":"Hi","stream":true,"max_output_tokens":1,"top_logprobs":1,"conversation":{"id":"conv_1"},"truncation":"disabled"}"""),
        ("POST", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}],"functions":[{"name":"f","description":"d","parameters":{"type":"object"}}],"function_call":{"name":"f"}}"""),
        ("POST", "/v1/responses/input_tokens", """{"model":"m","input":"Hi","instructions":"i","truncation":"auto","previous_response_id":"resp_1"}"""),
        ("POST", "/tokenize", """{"model":"m","content":"é","add_special":true,"parse_special":false,"with_pieces":true,"return_token_strs":true}"""),
        ("POST", "/v1/tokenize", """{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[]}"""),
        ("POST", "/detokenize", """{"model":"m","tokens":[1,2,3]}"""),
        ("POST", "/apply-template", """{"model":"m","messages":[{"role":"user","content":"x"}]}"""),
        ("POST", "/v1/conversations", """{"items":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]}],"metadata":{"a":"b"}}"""),
        ("POST", "/v1/conversations/conv_1/items", """{"items":[{"role":"assistant","content":"b"}]}"""),
        ("POST", "/v1/conversations/conv_1", """{"metadata":{"a":"b"}}"""),
        ("POST", "/v1/chat/completions/chatcmpl-1", """{"metadata":{"a":"b"}}"""),
        ("POST", "/v1/completions", """{"model":"m","prompt":["a","b"],"n":2,"echo":true,"max_tokens":3,"stop":["x"],"logit_bias":{"1":2},"seed":3,"guided_choice":["a","b"]}"""),
        ("POST", "/v1/completions", """{"model":"m","prompt":[[1,2],"a"],"max_tokens":3}"""),
        ("POST", "/completions", """{"model":"m","prompt":"a","suffix":"b","seed":3}"""),
        ("POST", "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"refusal":"no"},{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]}],"prediction":{"type":"content","content":[{"type":"text","text":"a"}]}}"""),
        ("POST", "/v1/responses", """{"model":"m","input":[{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]},{"role":"user","content":"x"}],"background":true,"stream":true}"""),
        ("GET", "/v1/responses/resp_1?stream=true&starting_after=3", null),
        ("POST", "/v1/embeddings", """{"model":"e","input":["a","b"],"encoding_format":"base64","dimensions":2,"user":"u"}"""),
        ("POST", "/embeddings", """{"model":"e","input":[[1,2],[3]]}"""),
        ("POST", "/v1/responses/resp_1/cancel", null),
        ("GET", "/v1/responses/resp_1/input_items?limit=5&order=asc&after=x", null),
        ("GET", "/v1/chat/completions?limit=5&metadata[a]=b&model=m&order=desc", null),
        ("GET", "/v1/conversations/conv_1/items?limit=5&include[]=a", null),
        ("POST", "/v1/files", "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b\r\nContent-Disposition: form-data; name=\"expires_after[anchor]\"\r\n\r\ncreated_at\r\n--b\r\nContent-Disposition: form-data; name=\"expires_after[seconds]\"\r\n\r\n3600\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: text/plain\r\n\r\n{}\r\n--b--\r\n"),
        ("GET", "/v1/files?limit=5&order=asc&purpose=batch&after=file-1", null),
        ("GET", "/v1/files/file_1", null),
        ("GET", "/v1/files/file_1/content", null),
        ("DELETE", "/v1/files/file_1", null),
        ("POST", "/v1/batches", """{"input_file_id":"file_1","endpoint":"/v1/responses","completion_window":"24h","metadata":{"a":"b"},"output_expires_after":{"anchor":"created_at","seconds":3600}}"""),
        ("GET", "/v1/batches?limit=5&after=batch_1", null),
        ("GET", "/v1/batches/batch_1", null),
        ("POST", "/v1/batches/batch_1/cancel", null),
        ("DELETE", "/v1/responses/resp_1", null),
        ("DELETE", "/v1/conversations/conv_1/items/msg_1", null),
        ("GET", "/v1/models/m", null),
        ("GET", "/v1/receipts/rcpt_1", null),
        ("GET", "/openapi.json", null),
    ];

    private static readonly string[] Odd =
    [
        "null", "true", "-1", "0", "1e999", "-0.0", "18446744073709551616", "1.5", "\"\"", "[]", "{}", "\"\\ud800\"", "\"\\u0000\"", "[[[[[[[[]]]]]]]]",
        "{\"a\":{\"a\":{}}}", "\"text\"", "\"json_schema\"", "\"function\"", "99999999999999999999999999", "\"" + "x" + "\"",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_is_a_fault_a_hang_or_growth()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("CAUSERIE_FUZZ"), CultureInfo.InvariantCulture, out int asked) ? asked : Some;
        var model = new ScriptedModel("m", "one", "two");
        var embedder = new ScriptedEmbedder("e");
        await using var server = await TestServer.StartAsync(model, embedder);
        var random = new Random(20261127);
        var statuses = new SortedDictionary<int, int>();
        long slowest = 0, before = 0;
        for (int i = 0; i < count; i++)
        {
            if (i == Math.Min(1000, count / 2))
                before = GC.GetTotalMemory(forceFullCollection: true);
            var (method, path, body) = Seeds[random.Next(Seeds.Length)];
            byte[]? bytes = body is null ? null : Mutate(body, random);
            var request = new HttpRequestMessage(new HttpMethod(method), Bent(path, random));
            if (bytes is not null)
            {
                request.Content = new ByteArrayContent(bytes);
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(path == "/v1/files" ? "multipart/form-data; boundary=b" : "application/json");
            }

            var watch = Stopwatch.StartNew();
            using var response = await server.Client.SendAsync(request, Token);
            await response.Content.ReadAsByteArrayAsync(Token);
            slowest = Math.Max(slowest, watch.ElapsedMilliseconds);
            int status = (int)response.StatusCode;
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            Assert.True(status is 200 or 400 or 404 or 405 or 413 or 415, $"{status} for {method} {path}: {Encoding.UTF8.GetString(bytes ?? [])}");
            model.Requests.Clear();
            embedder.Requests.Clear();
        }

        long growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{count} requests; {string.Join(", ", statuses.Select(one => $"{one.Key}: {one.Value}"))}; slowest {slowest} ms; grown by {growth >> 10} KiB"));
        Assert.True(growth < MostGrowth, $"grown by {growth} bytes");
        Assert.True(statuses[200] > count / 50 && statuses[400] > count / 10, "the mutations are too wild or too tame");
    }

    private static byte[] Mutate(string body, Random random)
    {
        for (int times = random.Next(4); times > 0; times--)
        {
            body = random.Next(3) switch
            {
                0 => Replaced(body, random),
                1 => Cut(body, random),
                _ => body,
            };
        }

        byte[] bytes = Encoding.UTF8.GetBytes(body);
        if (random.Next(4) == 0 && bytes.Length > 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        if (random.Next(12) == 0)
            bytes = bytes[..random.Next(bytes.Length + 1)];
        if (random.Next(200) == 0)
            bytes = [.. bytes[..(bytes.Length / 2)], .. Encoding.UTF8.GetBytes(new string('[', 5000)), .. bytes[(bytes.Length / 2)..]];
        return bytes;
    }

    // A value of another kind in place of one that begins behind a colon or a comma.
    private static string Replaced(string body, Random random)
    {
        int[] places = [.. body.Select((c, i) => (c, i)).Where(one => one.c is ':' or ',' or '[').Select(one => one.i + 1)];
        if (places.Length == 0)
            return body;
        int at = places[random.Next(places.Length)];
        int end = at, depth = 0;
        for (; end < body.Length && (depth > 0 || body[end] is not (',' or '}' or ']')); end++)
            depth += body[end] is '{' or '[' ? 1 : body[end] is '}' or ']' ? -1 : 0;
        return body[..at] + Odd[random.Next(Odd.Length)] + body[end..];
    }

    private static string Cut(string body, Random random)
    {
        int at = random.Next(body.Length), length = Math.Min(random.Next(1, 12), body.Length - at);
        return random.Next(2) == 0 ? body.Remove(at, length) : body.Insert(at, body.Substring(at, length));
    }

    private static string Bent(string path, Random random) => random.Next(6) switch
    {
        0 => path.Replace("_1", "_" + random.Next(9)),
        1 => path + (path.Contains('?') ? "&" : "?") + "x=%00",
        2 => path.Replace("5", random.Next(-5, 500).ToString(CultureInfo.InvariantCulture)),
        _ => path,
    };
}

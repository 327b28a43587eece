using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Causerie.Chat;
using Causerie.Tests;
using Causerie.Text.Parsers;

namespace Causerie.Text.Tests.Parsers;

/// <summary>Answers of model families are read as llama.cpp reads them, whole and in pieces.</summary>
public sealed class ToolConformanceTests(ITestOutputHelper output)
{
    // Templates that are not here, but their answers are.
    private static readonly Dictionary<string, string> Absent = new()
    {
        ["Apertus-8B-Instruct"] = "apertus",
        ["GLM-4.7-Flash"] = "glm",
        ["GigaChat3-10B-A1.8B"] = "gigachat",
        ["LFM2.5-8B-A1B"] = "lfm2",
        ["NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"] = "qwen-xml",
        ["Qwen3.5-4B"] = "qwen-xml",
        ["google-gemma-4-31B-it"] = "gemma-4",
        ["ibm-granite-granite-4.1"] = "hermes",
        ["meta-llama-Llama-3.2-3B-Instruct"] = "llama-3",
        ["mistralai-Ministral-3-14B-Reasoning-2512"] = "mistral",
        ["openai-gpt-oss-120b"] = "harmony",
        ["unsloth-mistral-Devstral-Small-2507"] = "mistral",
    };

    internal static readonly Dictionary<string, string> Ollamas = new()
    {
        ["deepseek3"] = "deepseek",
        ["cogito"] = "deepseek",
        ["gemma4"] = "gemma-4",
        ["functiongemma"] = "function-gemma",
        ["lfm2"] = "lfm2",
        ["nemotron3nano"] = "qwen-xml",
        ["olmo3"] = "olmo-3",
        ["olmo3_think"] = "olmo-3",
    };

    // What is read otherwise here, and why.
    private static readonly Dictionary<string, string> Different = new()
    {
        ["llamacpp-chat-014"] = "white space at the end of thinking is no part of it",
        ["llamacpp-chat-140"] = "likewise",
        ["llamacpp-chat-031"] = "an answer that is held to a schema has no fence around it here",
        ["llamacpp-chat-366"] = "likewise",
        ["llamacpp-chat-367"] = "likewise",
        ["llamacpp-chat-354"] = "the beginning of thinking that the prompt gave is no part of the answer",
        ["llamacpp-chat-355"] = "likewise",
    };

    [Fact]
    public void Answers_are_read_as_a_peer_reads_them()
    {
        string root = ConformanceData.Require("tool-calls");
        var cases = JsonNode.Parse(File.ReadAllText(Path.Combine(root, "llamacpp-chat-parse.json")))!["cases"]!.AsArray();
        var passed = new SortedDictionary<string, (int Passed, int All)>(StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var one in cases.Select(node => node!))
        {
            var parameters = one["params"]!;
            string raw = (string)one["raw_output"]!, family = (string)one["family"]!, id = (string)one["id"]!;
            if (parameters["continue_final_message"] is not null || (bool)one["is_partial"]!)
                continue; // another kind of request; partial ones are held by cutting whole ones
            bool hides = (string)parameters["reasoning_format"]! != "none";
            if (!hides && ((string)one["expected"]!["content"]!).Contains((string)one["thinking_start"]! is { Length: > 0 } start ? start : "\0", StringComparison.Ordinal))
                continue; // thinking that is left in the content is not offered here
            if (FamilyOf(root, (string)one["template"]!) is not { } its)
                continue;
            var tools = Tools(parameters["tools"]!.AsArray());
            string prompt = (string)one["generation_prompt"]!;
            string expected = Expected(one["expected"]!);
            string got = Read(its.NewParser(tools, prompt), [raw]);
            var (p, a) = passed.GetValueOrDefault(family);
            bool right = got == expected;
            passed[family] = (p + (right ? 1 : 0), a + 1);
            if (!right && !Different.ContainsKey(id))
                wrong.Add($"{id} {family} ({its.Name}): {raw}\n   expected {expected}\n   got      {got}");
            Assert.Equal(got, Read(its.NewParser(tools, prompt), raw.Select(c => c.ToString())));
        }
        foreach (var (family, (p, a)) in passed)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{family}: {p} of {a}"));
        output.WriteLine($"all: {passed.Values.Sum(x => x.Passed)} of {passed.Values.Sum(x => x.All)}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Answers_are_read_as_another_peer_reads_them()
    {
        string root = ConformanceData.Require("tool-calls");
        var cases = JsonNode.Parse(File.ReadAllText(Path.Combine(root, "ollama-parsers.json")))!["cases"]!.AsArray();
        var passed = new SortedDictionary<string, (int Passed, int All)>(StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var one in cases.Select(node => node!))
        {
            string peer = (string)one["family"]!, name = $"{peer}/{(string)one["name"]!}";
            if (one["expected"] is not JsonObject expected || one["name"] is null || one["chunks"] is not { } chunks || !Ollamas.TryGetValue(peer, out string? family))
                continue; // its others tell events of its own insides
            string[] pieces = [.. chunks.AsArray().Select(piece => (string)piece!)];
            var calls = expected["calls"]?.AsArray() ?? [];
            // Its cases name no schemas: values are typed by what they look like, and every tool is known.
            ImmutableArray<ChatTool> tools =
                [.. calls.Select(call => (string)call!["name"]!).Distinct().DefaultIfEmpty("tool").Select(tool => new ChatTool(tool, "{}"))];
            bool thinks = one["thinking_setting"] switch
            {
                JsonValue value => (bool)value,
                JsonObject value => (bool?)value["Value"] == true,
                _ => peer.EndsWith("think", StringComparison.Ordinal),
            };
            string wanted = $"thinking={(string?)expected["thinking"]}; content={(string?)expected["content"]}" +
                string.Concat(calls.Select(call => $"; {(string)call!["name"]!}({Canonical(call["arguments"])})"));
            string got = Read(ToolFamily.Named(family).NewParser(tools, thinks && family != "gemma-4" ? "<think>" : ""), pieces);
            var (p, a) = passed.GetValueOrDefault(peer);
            passed[peer] = (p + (got == wanted ? 1 : 0), a + 1);
            if (got != wanted)
                wrong.Add($"{name}: {string.Concat(pieces)}\n   expected {wanted}\n   got      {got}");
            Assert.Equal(got, Read(ToolFamily.Named(family).NewParser(tools, thinks && family != "gemma-4" ? "<think>" : ""), [string.Concat(pieces)]));
        }
        foreach (var (peer, (p, a)) in passed)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{peer}: {p} of {a}"));
        output.WriteLine($"all: {passed.Values.Sum(x => x.Passed)} of {passed.Values.Sum(x => x.All)}");
        output.WriteLine(string.Join('\n', wrong));
        // What it drops and we tell (malformed calls, answers beside calls), and what it calls thinking, is another matter.
        Assert.True(passed.Values.Sum(x => x.Passed) >= 121, "fewer than before");
    }

    // 42 and 42.0 are one number.
    private static string Canonical(JsonNode? value) => value switch
    {
        null => "{}",
        JsonObject o => $"{{{string.Join(',', o.Select(member => $"{member.Key}:{Canonical(member.Value ?? JsonValue.Create("null"))}"))}}}",
        JsonArray a => $"[{string.Join(',', a.Select(item => Canonical(item ?? JsonValue.Create("null"))))}]",
        _ when value.GetValueKind() == System.Text.Json.JsonValueKind.Number =>
            double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture),
        _ => value.ToJsonString(),
    };

    internal static ToolFamily? FamilyOf(string root, string template)
    {
        string file = Path.Combine(root, "..", template);
        return File.Exists(file) ? ToolFamily.Of(File.ReadAllText(file))
            : Absent.TryGetValue(Path.GetFileNameWithoutExtension(file), out string? name) ? ToolFamily.Named(name) : null;
    }

    internal static string Read(AnswerParser parser, IEnumerable<string> pieces)
    {
        var read = ReadAnswer.Of(parser, pieces);
        var text = new StringBuilder();
        text.Append("thinking=").Append(read.Thinking);
        text.Append("; content=").Append(read.Content);
        foreach (var call in read.Calls)
            text.Append(CultureInfo.InvariantCulture, $"; {call.Name}({Canonical(JsonNode.Parse(call.Arguments))})");
        return text.ToString();
    }

    private static string Expected(JsonNode message)
    {
        var text = new StringBuilder();
        text.Append("thinking=").Append((string?)message["reasoning_content"] ?? "");
        text.Append("; content=").Append((string?)message["content"] ?? "");
        foreach (var call in message["tool_calls"]?.AsArray() ?? [])
            text.Append(CultureInfo.InvariantCulture, $"; {(string)call!["name"]!}({Canonical(JsonNode.Parse((string)call["arguments"]!))})");
        return text.ToString();
    }

    internal static ImmutableArray<ChatTool> Tools(JsonArray tools) =>
        [.. tools.Select(tool => new ChatTool((string)tool!["function"]!["name"]!, tool["function"]!["parameters"]?.ToJsonString() ?? "{}"))];
}

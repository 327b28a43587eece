using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Causerie.Chat;
using Causerie.Tests;
using Causerie.Text.Parsers;

namespace Causerie.Text.Tests.Parsers;

/// <summary>Arguments that are told while they are written are those that whole calls have, wherever the answer is cut.</summary>
public sealed class StreamedCallTests(ITestOutputHelper output)
{
    private static readonly ImmutableArray<ChatTool> Tools = [new("f", "{}"), new("g", "{}")];

    [Fact]
    public void Answers_of_all_families_are_read_alike_in_any_pieces()
    {
        var random = new Random(7);
        int answers = 0, streamed = 0, cuts = 0;
        foreach (var (family, tools, prompt, raw) in Cases())
        {
            string Read(IEnumerable<string> pieces) => ReadAnswer.Of(family.NewParser(tools, prompt), pieces).All;

            string whole = Read([raw]);
            Assert.Equal(whole, Read(Letters(raw)));
            for (int cut = 1; cut < raw.Length; cut++)
                Assert.Equal(whole, Read([raw[..cut], raw[cut..]]));
            for (int i = 0; i < 10; i++)
                Assert.Equal(whole, Read(Pieces(raw, random)));
            // Answers that end too early, and such as no model should write.
            for (int i = 0; i < 40; i++, cuts++)
            {
                string cut = i < 25 ? raw[..random.Next(raw.Length + 1)] : Muddled(raw, random);
                Assert.Equal(Read([cut]), Read(Letters(cut)));
                Assert.Equal(Read([cut]), Read(Pieces(cut, random)));
            }

            // What a form itself reads whole.
            answers++;
            var one = ReadAnswer.Of(family.NewParser(tools, prompt), [raw]);
            foreach (var call in one.Calls.Where(_ => one.Begun > 0 && !one.IsCut && family.Calls.Length > 0))
            {
                Assert.Contains(call, Wholes(family, tools, raw));
                streamed++;
            }
        }
        output.WriteLine($"{answers} answers, {streamed} calls told early and held against whole reading, {cuts} answers cut or muddled");
        Assert.True(streamed >= 40, $"only {streamed} calls were streamed");
    }

    [Theory]
    [InlineData("hermes", "<tool_call>\n{\"name\": \"f\", \"arguments\": ", "{\"a\": {\"b\": \"}\\\"]\"}}", "}\n</tool_call>")]
    [InlineData("hermes", "<tool_call>{\"id\": \"7\", \"type\": \"function\", \"name\": \"f\", \"parameters\": ", "{\"a\": [1, {}]}", ", \"x\": {\"y\": 1}}</tool_call>")]
    [InlineData("mistral", "[TOOL_CALLS]f[ARGS]", "{\"a\": 1}", "")]
    [InlineData("mistral", "[TOOL_CALLS]f[CALL_ID]123456789[ARGS]", "{\"a\": 1}", "")]
    [InlineData("kimi", "<|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>", "{\"a\": 1}", "<|tool_call_end|>")]
    [InlineData("deepseek", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>", "{\"a\": 1}", "<｜tool▁call▁end｜><｜tool▁calls▁end｜>")]
    [InlineData("deepseek-r1", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n", "{\"a\": 1}", "\n```<｜tool▁call▁end｜>")]
    [InlineData("functionary-3.1", "<function=f>", "{\"a\": 1}", "</function>")]
    [InlineData("functionary-3.2", ">>>f\n", "{\"a\": 1}", "")]
    [InlineData("llama-3", "{\"name\": \"f\", \"parameters\": ", "{\"a\": 1}", "}")]
    [InlineData("granite", "<|tool_call|>[{\"name\": \"f\", \"arguments\": ", "{\"a\": 1}", "}]")]
    [InlineData("nemotron", "<TOOLCALL>[{\"name\": \"f\", \"arguments\": ", "{\"a\": 1}", "}]</TOOLCALL>")]
    [InlineData("apriel", "<tool_calls>[{\"name\": \"f\", \"arguments\": ", "{\"a\": 1}", "}]</tool_calls>")]
    [InlineData("firefunction", " functools[{\"name\": \"f\", \"arguments\": ", "{\"a\": 1}", "}]")]
    [InlineData("gigachat", "<|function_call|>{\"name\": \"f\", \"arguments\": ", "{\"a\": 1}", "}")]
    [InlineData("cohere", "<|START_ACTION|>[{\"tool_call_id\": \"0\", \"tool_name\": \"f\", \"parameters\": ", "{\"a\": 1}", "}]<|END_ACTION|>")]
    [InlineData("apertus", "<|tools_prefix|>[{\"f\": ", "{\"a\": 1}", "}]<|tools_suffix|>")]
    [InlineData("harmony", "<|channel|>commentary to=functions.f <|constrain|>json<|message|>", "{\"a\": 1}", "<|call|>")]
    public void Arguments_are_told_letter_by_letter(string name, string before, string arguments, string behind)
    {
        var parser = ToolFamily.Named(name).NewParser(Tools, "");
        var told = new List<AnswerPiece>();
        foreach (string letter in Letters(before + arguments[..1]))
            parser.Push(letter, told);
        // The name comes with the first letter of the arguments; harmony's a little earlier.
        Assert.Equal(("f", "", false), told.OfType<AnswerPiece.Call>().Select(call => (call.Name, call.Arguments, call.IsWhole)).Single());
        for (int i = 1; i < arguments.Length; i++)
        {
            Assert.Equal(arguments[..i], Arguments(told));
            parser.Push(arguments[i].ToString(), told);
        }
        Assert.Equal(arguments, Arguments(told));
        foreach (string letter in Letters(behind))
            parser.Push(letter, told);
        parser.Finish(told);
        Assert.Equal(arguments, Arguments(told));
        Assert.Single(told.OfType<AnswerPiece.More>(), more => more.IsLast);
        Assert.DoesNotContain(told, piece => piece is AnswerPiece.Content);
    }

    [Theory]
    // Written in another order or shape.
    [InlineData("hermes", "<tool_call>{\"arguments\": {\"a\": 1}, \"name\": \"f\"}</tool_call>", "{\"a\": 1}")]
    [InlineData("hermes", "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>", "{\"a\": 1}")]
    [InlineData("hermes", "<tool_call>{\"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\": {\"a\": 1}}}</tool_call>", "{\"a\": 1}")]
    [InlineData("hermes", "<tool_call>{\"n\\u0061me\": \"f\", \"arguments\": {\"a\": 1}}</tool_call>", "{\"a\": 1}")]
    [InlineData("mistral", "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"id\": \"123456789\"}]", "{\"a\": 1}")]
    // Converted from another form.
    [InlineData("qwen-xml", "<tool_call>\n<function=f>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>", "{\"a\": 1}")]
    [InlineData("lfm2", "<|tool_call_start|>[f(a=1)]<|tool_call_end|>", "{\"a\": 1}")]
    [InlineData("gemma-4", "<|tool_call>call:f{a:1}<tool_call|>", "{\"a\": 1}")]
    public void What_cannot_be_told_early_is_told_whole(string name, string text, string arguments)
    {
        var told = new List<AnswerPiece>();
        var parser = ToolFamily.Named(name).NewParser(Tools, "");
        foreach (string letter in Letters(text))
            parser.Push(letter, told);
        parser.Finish(told);
        var call = Assert.Single(told.OfType<AnswerPiece.Call>());
        Assert.Equal(("f", true), (call.Name, call.IsWhole));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(arguments), JsonNode.Parse(call.Arguments)), call.Arguments);
        Assert.DoesNotContain(told, piece => piece is AnswerPiece.More);
    }

    [Theory]
    // A call of no tool is as it was: whole, or text where it ends too early.
    [InlineData("<tool_call>{\"name\": \"h\", \"arguments\": {\"a\": 1", "", "<tool_call>{\"name\": \"h\", \"arguments\": {\"a\": 1")]
    [InlineData("<tool_call>{\"name\": \"f\", \"argu", "", "<tool_call>{\"name\": \"f\", \"argu")]
    // What was begun stays a call.
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"x", "f {\"a\": \"x", "")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"i", "f {\"a\": 1}", "")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": True,}}</tool_call>", "f {\"a\": True,}.", "")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}</tool_call> b", "f {\"a\": 1}.", "b")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1</tool_call> b", "f {\"a\": 1.", "b")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"x}}\n</tool_call>\n<tool_call>{\"name\": \"g\", \"arguments\": {}}</tool_call>", "f {\"a\": \"x}}\n. g {}.", "")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"\n</tool_c\"}}</tool_call>", "f {\"a\": \"\n</tool_c\"}.", "")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"</tool_call>\"}}</tool_call>", "f {\"a\": \"</tool_call>\"}.", "")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {}} that is it", "f {}.", "that is it")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {}; that is it", "f {}.", "; that is it")]
    // Of a list, too.
    [InlineData("<tool_call>[{\"name\": \"f\", \"arguments\": {}}, {\"arguments\": {\"b\": 2}, \"name\": \"g\"}]</tool_call>", "f {} g {\"b\": 2}.", "")]
    [InlineData("<tool_call>[{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"g\", \"arguments\": {\"b\": 2}}]</tool_call>", "f {} g {\"b\": 2}.", "")]
    [InlineData("<tool_call>[{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"g\", \"argu", "f {}", ", {\"name\": \"g\", \"argu")]
    [InlineData("<tool_call>[{\"name\": \"f\", \"arguments\": {}}, 7]</tool_call>", "f {}.", ", 7]</tool_call>")]
    public void What_was_begun_stays_a_call(string text, string calls, string content)
    {
        foreach (var pieces in (IEnumerable<string>[])[[text], Letters(text)])
        {
            var parser = ToolFamily.Named("hermes").NewParser(Tools, "");
            var told = new List<AnswerPiece>();
            foreach (string piece in pieces)
                parser.Push(piece, told);
            parser.Finish(told);
            string got = string.Concat(told.Select(piece => piece switch
            {
                AnswerPiece.Call call => $" {call.Name} {call.Arguments}{(call.IsWhole ? "." : "")}",
                AnswerPiece.More more => more.Arguments + (more.IsLast ? "." : ""),
                _ => "",
            }));
            Assert.Equal(calls, got.Trim());
            Assert.Equal(content, string.Concat(told.OfType<AnswerPiece.Content>().Select(piece => piece.Text)));
        }
    }

    [Fact]
    public void A_long_argument_is_read_once()
    {
        // Time is linear in the text: a second look at all of it with each letter would take minutes.
        string text = new('x', 400_000);
        string raw = $"<tool_call>\n{{\"name\": \"f\", \"arguments\": {{\"a\": \"{text}\"}}}}\n</tool_call>";
        Assert.Equal($"{{\"a\": \"{text}\"}}", ReadAnswer.Of(ToolFamily.Named("hermes").NewParser(Tools, ""), Letters(raw)).Calls.Single().Arguments);
    }

    private static string Arguments(IEnumerable<AnswerPiece> told) => string.Concat(told.OfType<AnswerPiece.More>().Select(more => more.Arguments));

    private static IEnumerable<string> Letters(string text) => text.Select(c => c.ToString());

    private static List<string> Pieces(string text, Random random)
    {
        var pieces = new List<string>();
        for (int at = 0, length; at < text.Length; at += length)
        {
            length = Math.Min(text.Length - at, random.Next(1, 12));
            pieces.Add(text.Substring(at, length));
        }
        return pieces;
    }

    private static string Muddled(string text, Random random)
    {
        string other = text;
        for (int i = random.Next(1, 4); i > 0 && other.Length > 0; i--)
        {
            int at = random.Next(other.Length);
            other = random.Next(3) switch
            {
                0 => other.Remove(at, 1),
                1 => other.Insert(at, "{}[]\",:\n\\< a"[random.Next(12)].ToString()),
                _ => other[..at] + other[(at / 2)..],
            };
        }
        return other;
    }

    private static List<(string, string, string?)> Wholes(ToolFamily family, ImmutableArray<ChatTool> tools, string raw)
    {
        var wholes = new List<AnswerPiece>();
        foreach (var syntax in family.Calls)
            foreach (string opener in syntax.Openers)
                for (int at = raw.IndexOf(opener, StringComparison.Ordinal); at >= 0 && at < raw.Length; at = raw.IndexOf(opener, at + 1, StringComparison.Ordinal))
                    syntax.Read(raw[at..], last: true, new(tools), wholes);
        return [.. wholes.OfType<AnswerPiece.Call>().Select(call => (call.Name, call.Arguments, call.Id))];
    }

    private static IEnumerable<(ToolFamily Family, ImmutableArray<ChatTool> Tools, string Prompt, string Raw)> Cases()
    {
        string root = ConformanceData.Require("tool-calls");
        foreach (var one in JsonNode.Parse(File.ReadAllText(Path.Combine(root, "llamacpp-chat-parse.json")))!["cases"]!.AsArray())
        {
            if (ToolConformanceTests.FamilyOf(root, (string)one!["template"]!) is { } family)
                yield return (family, ToolConformanceTests.Tools(one["params"]!["tools"]!.AsArray()), (string)one["generation_prompt"]!, (string)one["raw_output"]!);
        }
        foreach (var one in JsonNode.Parse(File.ReadAllText(Path.Combine(root, "ollama-parsers.json")))!["cases"]!.AsArray())
        {
            if (one!["expected"] is not JsonObject expected || one["chunks"] is not { } chunks || !ToolConformanceTests.Ollamas.TryGetValue((string)one["family"]!, out string? name))
                continue;
            var names = (expected["calls"]?.AsArray() ?? []).Select(call => (string)call!["name"]!).Distinct().DefaultIfEmpty("tool");
            yield return (ToolFamily.Named(name), [.. names.Select(tool => new ChatTool(tool, "{}"))], "", string.Concat(chunks.AsArray().Select(piece => (string)piece!)));
        }
    }
}

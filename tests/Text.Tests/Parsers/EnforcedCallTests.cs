using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Parsers;

namespace Causerie.Text.Tests.Parsers;

/// <summary>Whatever is drawn from a family's grammar of calls, its parser reads as calls with arguments of the schema.</summary>
public sealed class EnforcedCallTests
{
    private static readonly ImmutableArray<ChatTool> Tools =
    [
        new("get_weather", """{"type":"object","properties":{"city":{"type":"string","enum":["Paris","Nîmes"]},"days":{"type":"integer","minimum":1,"maximum":9}},"required":["city","days"],"additionalProperties":false}"""),
        new("now", """{"type":"object","properties":{"utc":{"type":"boolean"}},"additionalProperties":false}"""),
    ];

    [Theory]
    [InlineData("hermes")]
    [InlineData("mistral")]
    [InlineData("kimi")]
    [InlineData("deepseek")]
    [InlineData("deepseek-r1")]
    [InlineData("functionary-3.1")]
    [InlineData("firefunction")]
    [InlineData("apertus")]
    [InlineData("gigachat")]
    [InlineData("apriel")]
    [InlineData("nemotron")]
    [InlineData("granite")]
    [InlineData("cohere")]
    [InlineData("qwen-xml")]
    [InlineData("seed-oss")]
    [InlineData("minimax")]
    [InlineData("deepseek-dsml")]
    [InlineData("glm")]
    [InlineData("minicpm")]
    [InlineData("llama-3")]
    [InlineData("functionary-3.2")]
    [InlineData("harmony")]
    [InlineData("lfm2")]
    [InlineData("olmo-3")]
    [InlineData("gemma-4")]
    [InlineData("function-gemma")]
    public void What_is_drawn_is_read(string name)
    {
        var family = ToolFamily.Named(name);
        var random = new Random(5);
        for (int i = 0; i < 25; i++)
        {
            var grammar = family.CallGrammar(Tools, parallel: i % 2 == 0, Encoding.UTF8.GetBytes);
            string text = Draw(grammar, random);
            var read = ReadAnswer.Of(family.NewParser(Tools, ""), [text]);
            Assert.Equal(read.All, ReadAnswer.Of(family.NewParser(Tools, ""), text.Select(c => c.ToString())).All);
            var calls = read.Calls.ToList();
            Assert.True(calls.Count > 0, text);
            Assert.True(i % 2 == 0 || calls.Count == 1, text);
            Assert.True(read.Content.Trim().Length == 0, text);
            foreach (var call in calls)
            {
                using var arguments = JsonDocument.Parse(call.Arguments);
                string[] keys = [.. arguments.RootElement.EnumerateObject().Select(member => member.Name).Order()];
                if (call.Name == "now")
                {
                    Assert.All(keys, key => Assert.Equal("utc", key));
                    Assert.All(arguments.RootElement.EnumerateObject(), one => Assert.True(one.Value.ValueKind is JsonValueKind.True or JsonValueKind.False));
                    continue;
                }
                Assert.Equal(("get_weather", "city,days"), (call.Name, string.Join(',', keys)));
                Assert.Contains(arguments.RootElement.GetProperty("city").GetString(), (string[])["Paris", "Nîmes"]);
                Assert.InRange(arguments.RootElement.GetProperty("days").GetInt32(), 1, 9);
            }
        }
    }

    [Theory]
    [InlineData("hermes", "lark")]
    [InlineData("mistral", "lark")]
    [InlineData("kimi", "lark")]
    [InlineData("deepseek-r1", "lark")]
    [InlineData("functionary-3.1", "lark")]
    [InlineData("apertus", "lark")]
    [InlineData("cohere", "lark")]
    [InlineData("llama-3", "lark")]
    [InlineData("harmony", "lark")]
    [InlineData("harmony", "regex")]
    [InlineData("lfm2", "lark")]
    [InlineData("olmo-3", "lark")]
    [InlineData("gemma-4", "lark")]
    [InlineData("function-gemma", "regex")]
    [InlineData("qwen-xml", "regex")]
    [InlineData("seed-oss", "regex")]
    [InlineData("minimax", "regex")]
    [InlineData("deepseek-dsml", "regex")]
    [InlineData("glm", "regex")]
    [InlineData("minicpm", "regex")]
    public void A_custom_tool_is_called_with_a_text_of_its_grammar(string name, string kind)
    {
        ChatTool tool = Custom(kind == "lark"
            ? new AnswerGrammar(kind, "start: sum\nsum: sum \"+\" atom | atom\natom: /[0-9]/ | \"\\\"\" | \"\\n<\"")
            : new AnswerGrammar(kind, "[0-9a-z<>/\"\\\\\n]{0,20}(\n</parameter>)?"));
        var family = ToolFamily.Named(name);
        var random = new Random(6);
        for (int i = 0; i < 25; i++)
        {
            string text = Draw(family.CallGrammar([tool], parallel: i % 2 == 0, Encoding.UTF8.GetBytes), random);
            var calls = ReadAnswer.Of(family.NewParser([tool], ""), [text]).Calls.ToList();
            Assert.True(calls.Count > 0, text);
            foreach (var call in calls)
            {
                string input = JsonDocument.Parse(call.Arguments).RootElement.GetProperty("input").GetString()!;
                Assert.True(Takes(GrammarFormat.Read(kind, tool.Input!.Source), input), text);
            }
        }
    }

    [Fact]
    public void A_grammar_that_is_not_regular_is_refused_by_name_between_tags()
    {
        Assert.Contains("the grammar of 'run' cannot be held to in this model's way", Assert.Throws<GrammarException>(
            () => ToolFamily.Named("glm").CallGrammar([Custom(new AnswerGrammar("lark", "start: \"a\""))], false, Encoding.UTF8.GetBytes)).Message, StringComparison.Ordinal);
        Assert.Contains("the grammar of 'run': the grammar has no rule 'start'", Assert.Throws<GrammarException>(
            () => ToolFamily.Named("hermes").CallGrammar([Custom(new AnswerGrammar("lark", "a: \"a\""))], false, Encoding.UTF8.GetBytes)).Message, StringComparison.Ordinal);
    }

    private static ChatTool Custom(AnswerGrammar input) =>
        new("run", """{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}""")
        {
            IsCustom = true,
            Strict = true,
            Input = input,
        };

    [Fact]
    public void A_strict_function_is_held_to_its_schema_where_the_model_may_call()
    {
        var tools = ImmutableArray.Create(Tools[0] with { Strict = true });
        var family = ToolFamily.Named("hermes");
        var grammar = family.Free(family.CallGrammar(tools, parallel: false, Encoding.UTF8.GetBytes), "", "", Encoding.UTF8.GetBytes);
        Assert.True(Takes(grammar, "Just text, {\"name\": 1}."));
        Assert.True(Takes(grammar, "So: <tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\", \"days\": 3}}\n</tool_call>"));
        Assert.False(Takes(grammar, "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\", \"days\": 3}}\n</tool_call>"));
        Assert.False(Takes(grammar, "<tool_call> anything"));
    }

    [Theory]
    [InlineData("lfm2")]
    [InlineData("gemma-4")]
    public void An_argument_whose_name_is_no_word_is_refused_by_name(string name)
    {
        var tool = new ChatTool("f", """{"type":"object","properties":{"a b":{"type":"integer"}}}""");
        Assert.Contains("'a b' of 'f'", Assert.Throws<GrammarException>(
            () => ToolFamily.Named(name).CallGrammar([tool], false, Encoding.UTF8.GetBytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_that_marks_cannot_hold_stand_in_quotes()
    {
        var tool = new ChatTool("f", """{"type":"object","properties":{"a":{"enum":["","<|\"|>"]}},"required":["a"]}""");
        var family = ToolFamily.Named("gemma-4");
        const string Text = """<|tool_call>call:f{a:""}<tool_call|>""";
        Assert.True(Takes(family.CallGrammar([tool], false, Encoding.UTF8.GetBytes), Text));
        Assert.Equal("""{"a": ""}""", Assert.Single(ReadAnswer.Of(family.NewParser([tool], ""), [Text]).Calls).Arguments);
    }

    [Fact]
    public void What_cannot_be_enforced_of_an_argument_was_only_told_to_the_model_unless_it_is_strict()
    {
        var tool = new ChatTool("f", """{"type":"object","properties":{"a":{"type":"string","pattern":"(?=x)y"}},"required":["a"]}""");
        var family = ToolFamily.Named("lfm2");
        Assert.True(Takes(family.CallGrammar([tool], false, Encoding.UTF8.GetBytes), """<|tool_call_start|>[f(a=[1, "z"])]<|tool_call_end|>"""));
        Assert.Contains("the argument 'a' of 'f'", Assert.Throws<GrammarException>(
            () => family.CallGrammar([tool with { Strict = true }], false, Encoding.UTF8.GetBytes)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lfm2", """<|tool_call_start|>[f(a="x, \"y\"", c=[1, {"k": null}]), f(a="", b=true)]<|tool_call_end|>""", true)]
    [InlineData("lfm2", """<|tool_call_start|>[f(b=true)]<|tool_call_end|>""", false)]
    [InlineData("lfm2", """<|tool_call_start|>[f(a="x" b=true)]<|tool_call_end|>""", false)]
    [InlineData("olmo-3", "<function_calls>f(a=\"x\", b=false)\nf(a=\"y\")</function_calls>", true)]
    [InlineData("olmo-3", "<function_calls>f(a=\"x\", b=1)</function_calls>", false)]
    [InlineData("gemma-4", """<|tool_call>call:f{a:<|"|>x "y", }<|"|>, b:true}<tool_call|><|tool_call>call:f{a:<|"|><|"|>}<tool_call|>""", true)]
    [InlineData("gemma-4", """<|tool_call>call:f{a:"x"}<tool_call|>""", false)]
    [InlineData("function-gemma", "<start_function_call>call:f{a:<escape>é<escape>}<end_function_call>", true)]
    public void Arguments_stand_key_by_key_as_the_schema_names_them(string name, string text, bool taken)
    {
        var tool = new ChatTool("f", """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"boolean"},"c":{"type":"array"}},"required":["a"]}""");
        var family = ToolFamily.Named(name);
        Assert.Equal(taken, Takes(family.CallGrammar([tool], true, Encoding.UTF8.GetBytes), text));
        if (taken)
            Assert.All(ReadAnswer.Of(family.NewParser([tool], ""), [text]).Calls, call => Assert.True(JsonDocument.Parse(call.Arguments).RootElement.TryGetProperty("a", out _)));
    }

    [Fact]
    public void A_text_with_rules_cannot_be_enforced_between_tags()
    {
        var tool = new ChatTool("f", """{"type":"object","properties":{"a":{"type":"string","pattern":"^x"}}}""");
        Assert.Contains("'a' of 'f'", Assert.Throws<GrammarException>(
            () => ToolFamily.Named("qwen-xml").CallGrammar([tool], false, Encoding.UTF8.GetBytes)).Message, StringComparison.Ordinal);
    }

    private static bool Takes(Grammar grammar, string text)
    {
        GrammarState? state = grammar.Start;
        foreach (byte next in Encoding.UTF8.GetBytes(text))
            state = state?.Step(next);
        return state?.CanEnd == true;
    }

    private static string Draw(Grammar grammar, Random random)
    {
        var bytes = new List<byte>();
        var state = grammar.Start;
        while (bytes.Count < 4000)
        {
            (byte Byte, GrammarState State)[] next =
                [.. Enumerable.Range(0, 255).Select(b => ((byte)b, State: state.Step((byte)b)!)).Where(one => one.State is not null)];
            if (next.Length == 0 || (state.CanEnd && random.Next(3) > 0))
            {
                Assert.True(state.CanEnd, Encoding.UTF8.GetString([.. bytes]));
                return Encoding.UTF8.GetString([.. bytes]);
            }
            // Spaces are dull.
            var lively = next.Where(one => one.Byte is not ((byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\\')).ToArray();
            (byte taken, state) = lively.Length > 0 && random.Next(4) > 0 ? lively[random.Next(lively.Length)] : next[random.Next(next.Length)];
            bytes.Add(taken);
        }
        throw new InvalidOperationException("without end: " + Encoding.UTF8.GetString([.. bytes]));
    }
}

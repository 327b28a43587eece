using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Causerie.Tests;
using Causerie.Text.Templates;

namespace Causerie.Text.Tests.Templates;

/// <summary>Templates cut up and put together wrongly: whatever happens, it is a <see cref="TemplateException"/>.</summary>
public sealed partial class FuzzTests(ITestOutputHelper output)
{
    private static readonly TemplateOptions Options = new()
    {
        AllowMutation = true,
        Limits = new() { Steps = 50_000, Iterations = 5_000, Output = 100_000, Text = 500_000, Items = 10_000 },
    };

    private static readonly string[] Pieces =
    [
        "{%", "%}", "{{", "}}", "-%}", "{%-", "{#", "#}", "(", ")", "[", "]", "{", "}", "'", "\"", "\\", "|", ".", ",", ":",
        "=", "==", "<", "~", "+", "-", "*", "**", "/", "//", "%", " if ", " else ", " for ", " in ", " is ", " not ", "set ",
        "endset", "endfor", "endif", "macro ", "endmacro", "call ", "endcall", "filter ", "raw", "endraw", "loop", "loop(x)",
        "recursive", "break", "continue", "none", "true", "1", "0", "-1", "9223372036854775807", "1e308", "1.5", "''", "'%s'",
        "'{}'", "[]", "{}", "()", "x", "messages", "namespace()", "range(9)", "range", "|tojson", "|list", "|length", "|join",
        "|map('upper')", "|map(attribute='a')", "|select('odd')", "|sort", "|dictsort", "|groupby('role')", "|batch(2)", "|slice(2)",
        "|first", "|last", "|unique", "|reverse", "|sum", "|min", "|max", "|round(2)", "|int", "|float", "|string", "|safe", "|e",
        "|indent(2)", "|replace('a','b')", "|truncate(3)", "|wordwrap(3)", "|title", "|format(1)", "|center(9)", "|items",
        "|urlencode", "|striptags", "|filesizeformat", "|xmlattr", "|attr('a')", ".items()", ".keys()", ".append(x)", ".pop()",
        ".update(x)", ".split()", ".strip()", ".format(x)", ".join(x)", ".title()", ".upper", ".__class__", "[0]", "[-1]", "[::-1]",
        "[1:2]", "[:x]", " % x", "é", "😀", "\ud83d", "\0", "\r\n", "\n", "defined", "mapping", "string", "divisibleby(0)", "sameas x",
    ];

    private static readonly string[] Seeds =
    [
        "{% for m in messages %}{{ loop.index ~ m.role|upper }}{{ m.content[1:-1]|trim }}{% else %}none{% endfor %}",
        "{% macro f(a, b=1, c='x') %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{{ caller(a) }}{% endmacro %}{% call(z) f(1, 2) %}{{ z }}{% endcall %}",
        "{% set ns = namespace(a=[], b={'x': 1}) %}{% for k, v in ns.b.items() %}{% set ns.a = ns.a + [k, v] %}{% endfor %}{{ ns.a|tojson(indent=2) }}",
        "{{ '%5.2f|%-3s|%r' % (1.5, 'a', none) }}{{ '{:>5} {!r} {a[0]:^{w}}'.format(1, 'b', a=[2], w=4) }}{{ 'aXbXc'.split('X', 1) }}",
        "{% for x in messages|groupby('role') recursive %}{{ x.grouper }}{{ loop(x.list) if loop.depth < 3 }}{{ loop.changed(x) }}{% endfor %}",
        "{% raw %}{{ x }}{% endraw %}{# c #}{% filter upper %}a{% endfilter %}{% with a = 1 %}{{ a if a is odd else 2 }}{% endwith %}",
    ];

    [Fact]
    public void Nothing_but_template_exceptions_escapes()
    {
        var sources = new List<string>(Seeds);
        if (ConformanceData.Root is { } root)
            sources.AddRange(Directory.EnumerateFiles(Path.Combine(root, "chat-templates", "templates"), "*.jinja")
                .Order(StringComparer.Ordinal).Select(File.ReadAllText));
        var variables = JsonNode.Parse(
            """
            {"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hé 😀"},
            {"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f","arguments":{"a":[1,2.5,null]}}}]}],
            "x":[3,"b",{"a":1}],"add_generation_prompt":true,"bos_token":"<s>"}
            """)!.AsObject();
        ulong state = 20260714;
        int rendered = 0, refused = 0;
        for (int i = 0; i < 3_000; i++)
        {
            // Mostly the short seeds, which reach a rendering more often.
            string source = sources[(int)(Next(ref state) % (ulong)(i % 3 == 0 ? sources.Count : Seeds.Length))];
            string mutant = Mutate(source, ref state);
            try
            {
                ChatTemplate.Parse(mutant, Options).Render(variables, default);
                rendered++;
            }
            catch (TemplateException e)
            {
                Assert.True(e.Line > 0, e.Message);
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{e.GetType().Name} escapes from {JsonValue.Create(mutant).ToJsonString()}: {e}");
            }
        }

        output.WriteLine($"{rendered} rendered, {refused} refused");
        Assert.True(rendered > 200 && refused > 200, $"{rendered} rendered, {refused} refused");
    }

    private static string Mutate(string source, ref ulong state)
    {
        var tokens = Tokens().Matches(source).Select(m => m.Value).ToList();
        int changes = 1 + (int)(Next(ref state) % 4);
        for (int i = 0; i < changes && tokens.Count > 1; i++)
        {
            int at = (int)(Next(ref state) % (ulong)tokens.Count);
            string piece = Pieces[(int)(Next(ref state) % (ulong)Pieces.Length)];
            switch (Next(ref state) % 5)
            {
                case 0:
                    tokens.RemoveAt(at);
                    break;
                case 1:
                    tokens[at] = piece;
                    break;
                case 2:
                    tokens[at] = tokens[(int)(Next(ref state) % (ulong)tokens.Count)];
                    break;
                default:
                    tokens.Insert(at, piece);
                    break;
            }
        }

        return string.Concat(tokens);
    }

    private static ulong Next(ref ulong state)
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state >> 8;
    }

    [GeneratedRegex(@"\{%-?|-?%\}|\{\{-?|-?\}\}|\w+|\s+|.", RegexOptions.Singleline)]
    private static partial Regex Tokens();
}

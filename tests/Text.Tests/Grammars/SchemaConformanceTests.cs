using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Tests;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Schemas;

namespace Causerie.Text.Tests.Grammars;

/// <summary>Schemas that others wrote, with values that they call valid or not: each value byte by byte.</summary>
public sealed class SchemaConformanceTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<string> _wrong = [];
    private readonly List<string> _refused = [];
    private int _compiled;
    private int _values;

    [Fact]
    public void The_official_suite_has_no_wrong_answer_and_few_refusals()
    {
        string folder = ConformanceData.Require("json-schema/JSON-Schema-Test-Suite");
        foreach (string draft in new[] { "draft2020-12", "draft7" })
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(folder, draft), "*.json").Order(StringComparer.Ordinal))
            {
                foreach (var group in JsonNode.Parse(File.ReadAllText(file))!.AsArray())
                {
                    Judge(
                        $"{draft} {Path.GetFileName(file)} {group!["description"]}", Schema(group["schema"], draft),
                        new SchemaOptions { EnforceFormats = false }, group["tests"]!.AsArray());
                }
            }
        }
        Report();
        int here = _refused.Count(reason => !reason.Contains("leads out of the schema", StringComparison.Ordinal));
        Assert.True(_compiled >= 0.95 * (_compiled + here), string.Join('\n', _refused));
        Assert.True(_values > 1500);
    }

    [Fact]
    public void Maskbench_has_no_wrong_answer_and_few_refusals()
    {
        string folder = ConformanceData.Require("json-schema");
        foreach (string file in new[] { "maskbench-sample.jsonl", "maskbench-handwritten-synthesized-schemas.jsonl" })
        {
            foreach (string line in File.ReadLines(Path.Combine(folder, file)))
            {
                var one = JsonNode.Parse(line)!;
                Judge($"{one["name"]}", one["schema"]!.ToJsonString(), new SchemaOptions(), one["tests"]?.AsArray() ?? []);
            }
        }
        Report();
        Assert.True(_compiled >= 0.95 * (_compiled + _refused.Count), string.Join('\n', _refused));
        Assert.True(_values > 3500);
    }

    internal static bool Accepts(Grammar grammar, string text)
    {
        GrammarState? state = grammar.Start;
        foreach (byte next in Encoding.UTF8.GetBytes(text))
        {
            state = state.Step(next);
            if (state is null)
                return false;
        }
        return state.CanEnd;
    }

    /// <summary>The older draft's schemas do not say that they are of it.</summary>
    private static string Schema(JsonNode? schema, string draft)
    {
        if (draft != "draft7" || schema is not JsonObject named || named.ContainsKey("$schema"))
            return schema?.ToJsonString() ?? "null";
        var copy = (JsonObject)named.DeepClone();
        copy.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        return copy.ToJsonString();
    }

    private void Judge(string name, string schema, SchemaOptions options, JsonArray tests)
    {
        JsonGrammar? grammar = null;
        try
        {
            grammar = JsonGrammar.OfSchema(schema, options);
        }
        catch (GrammarException e) when (!e.Message.Contains("allows no value", StringComparison.Ordinal))
        {
            _refused.Add($"{name}: {e.Message}");
            return;
        }
        catch (GrammarException)
        {
            // Then every value has to be one that the suite calls wrong.
        }
        _compiled++;
        foreach (var test in tests)
        {
            string text = test!["data"]?.ToJsonString(Plain) ?? "null";
            _values++;
            if ((grammar is not null && Accepts(grammar, text)) != (bool)test["valid"]!)
                _wrong.Add($"{name}: {test["description"]}: {text}");
        }
    }

    private void Report()
    {
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{_compiled} schemas compiled, {_refused.Count} refused by name, {_values} values, {_wrong.Count} wrong");
        foreach (string reason in _refused)
            TestContext.Current.TestOutputHelper?.WriteLine(reason);
        Assert.True(_wrong.Count == 0, string.Join('\n', _wrong));
    }
}

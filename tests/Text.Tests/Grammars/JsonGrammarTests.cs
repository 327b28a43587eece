using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Schemas;

namespace Causerie.Text.Tests.Grammars;

public sealed class JsonGrammarTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}""", """{ "a" : 12 }""", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}""", """{"a":1,"a":2}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}""", """{"b":1""", false)]
    [InlineData("""{"type":"integer","minimum":10,"maximum":20}""", "15", true)]
    [InlineData("""{"type":"integer","minimum":10,"maximum":20}""", "2", false)]
    [InlineData("""{"type":"integer","minimum":10,"maximum":20}""", "1.5e1", true)]
    [InlineData("""{"type":"integer","minimum":10,"maximum":20}""", "25", false)]
    [InlineData("""{"multipleOf":0.01}""", "19.99", true)]
    [InlineData("""{"multipleOf":0.01}""", "19.999", false)]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"é👍\"", true)]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"\\u00e9\\ud83d\\udc4d\"", true)]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"a\"", false)]
    [InlineData("""{"type":"string","pattern":"^[a-c]+$"}""", "\"\\u0061bc\"", true)]
    [InlineData("""{"type":"string","pattern":"^[a-c]+$"}""", "\"ad", false)]
    [InlineData("""{"type":"array","items":{"enum":["a","b"]},"uniqueItems":true}""", """["a","b"]""", true)]
    [InlineData("""{"type":"array","items":{"enum":["a","b"]},"uniqueItems":true}""", """["a","a""", false)]
    [InlineData("""{"type":"string","format":"date"}""", "\"2024-02-29\"", true)]
    [InlineData("""{"type":"string","format":"date"}""", "\"2023-02-29\"", false)]
    [InlineData("{}", "{\"a\":[1,2.5e-3,true,null,\"x\"]}", true)]
    [InlineData("{}", "\"\\ud800\"", false)]
    [InlineData("{}", "01", false)]
    public void A_text_is_taken_as_the_schema_says(string schema, string text, bool valid) =>
        Assert.Equal(valid, SchemaConformanceTests.Accepts(JsonGrammar.OfSchema(schema), text));

    [Theory]
    [InlineData("""{"type":"integer","minimum":10,"maximum":20}""", "3", "no number from 10 to 20 begins with 3")]
    [InlineData("""{"type":"object","properties":{"abc":{}},"additionalProperties":false}""", "{\"x", "no key begins so")]
    [InlineData("""{"type":"object","properties":{"a":{}},"required":["a"],"maxProperties":1}""", "{\"", null)]
    [InlineData("""{"not":{"type":"string"}}""", "\"", "no text may come")]
    [InlineData("""{"enum":["yes","no"]}""", "\"ye", null)]
    [InlineData("""{"enum":["yes","no"]}""", "\"yo", "no word goes on so")]
    public void A_text_is_refused_as_soon_as_no_value_goes_on_so(string schema, string begun, string? why)
    {
        GrammarState? state = JsonGrammar.OfSchema(schema).Start;
        foreach (char next in begun)
            state = state?.Step((byte)next);
        Assert.True(state is null == why is not null, why);
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("[]", "object or a boolean")]
    [InlineData("""{"type":"strin"}""", "strin")]
    [InlineData("""{"type":1}""", "'type'")]
    [InlineData("""{"properties":[]}""", "'properties'")]
    [InlineData("""{"properties":{"a":null}}""", "not null")]
    [InlineData("""{"anyOf":[]}""", "'anyOf'")]
    [InlineData("""{"required":[1]}""", "'required'")]
    [InlineData("""{"minLength":-1}""", "'minLength'")]
    [InlineData("""{"multipleOf":0}""", "'multipleOf'")]
    [InlineData("""{"pattern":"("}""", "without ')'")]
    [InlineData("""{"pattern":"(?=a)"}""", "look-around")]
    [InlineData("""{"pattern":"(a)\\1"}""", "back-references")]
    [InlineData("""{"pattern":"a{3,2}"}""", "wrong way round")]
    [InlineData("""{"pattern":"a{99999}"}""", "5000")]
    [InlineData("""{"format":"colour"}""", "colour")]
    [InlineData("""{"$ref":"https://example.com/x"}""", "leads out of the schema")]
    [InlineData("""{"$ref":"#/nowhere"}""", "leads nowhere")]
    [InlineData("""{"$ref":"#"}""", "without end")]
    [InlineData("""{"type":"string","enum":[1]}""", "allows no value")]
    [InlineData("""{"required":["a"],"properties":{"a":{"$ref":"#"}},"type":"object"}""", "allows no value")]
    [InlineData("""{"a":1,"a":2}""", "no JSON")]
    [InlineData("""{"pattern":"((((){5000}){5000}){5000}){5000}"}""", "nodes")]
    [InlineData("""{"pattern":"a**"}""", "repeated")]
    [InlineData("""{"contains":{"type":"null"},"minContains":300}""", "254")]
    [InlineData("""{"unevaluatedProperties":false,"$ref":"#"}""", "without end")]
    public void What_cannot_be_enforced_is_refused_by_name(string schema, string said) => Assert.Contains(
        said, Assert.Throws<GrammarException>(() => JsonGrammar.OfSchema(schema)).Message, StringComparison.Ordinal);

    [Fact]
    public void Schemas_that_lead_far_are_refused_and_none_brings_the_process_down()
    {
        const int Long = 20_000;
        Refuse(Chain(i => """{"$ref":"#/$defs/NEXT"}""".Replace("NEXT", $"{i + 1}", StringComparison.Ordinal)), "in one place");
        Refuse(
            Chain(i => """{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/$defs/NEXT"}}}""".Replace("NEXT", $"{i + 1}", StringComparison.Ordinal)),
            "deep");
        Refuse($$"""{"pattern":"{{new string('(', Long)}}"}""", "too deep");
        Refuse($$"""{"pattern":"a{{new string('*', Long)}}"}""", "repeated");
        Refuse(string.Concat(Enumerable.Repeat("{\"not\":", Long)), "no JSON");

        static string Chain(Func<int, string> link) => Definitions(Long, link, """{"type":"null"}""");

        static void Refuse(string schema, string said) => Assert.Contains(
            said, Assert.Throws<GrammarException>(() => JsonGrammar.OfSchema(schema)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schemas_that_name_each_other_twice_stay_small()
    {
        const int Levels = 60;
        const string Twice = """{"allOf":[{"$ref":"#/$defs/NEXT"},{"anyOf":[{"$ref":"#/$defs/NEXT"},{"$ref":"#/$defs/NEXT"}]}]}""";
        var grammar = JsonGrammar.OfSchema(Definitions(
            Levels, i => Twice.Replace("NEXT", $"{i + 1}", StringComparison.Ordinal), """{"type":"integer"}"""));
        Assert.True(SchemaConformanceTests.Accepts(grammar, "12"));
        Assert.False(SchemaConformanceTests.Accepts(grammar, "true"));
    }

    [Fact]
    public void Any_change_to_a_schema_is_read_or_refused_and_nothing_else()
    {
        const string Schema = """{"type":["object","null"],"properties":{"a":{"type":"integer","minimum":1},"b":{"enum":["x",1]}},"required":["a"],"patternProperties":{"^c[0-9]{2}$":{"oneOf":[{"type":"string","maxLength":4},{"items":{"$ref":"#"}}]}},"if":{"minProperties":2},"then":{"not":{"required":["d"]}}}""";
        const string Letters = "{}[]\":,0a^$\\(|*-";
        var random = new Random(6);
        for (int i = 0; i < 3000; i++)
        {
            char[] text = Schema.ToCharArray();
            for (int change = random.Next(3); change >= 0; change--)
                text[random.Next(text.Length)] = Letters[random.Next(Letters.Length)];
            try
            {
                SchemaConformanceTests.Accepts(JsonGrammar.OfSchema(new string(text)), """{"a":3,"c12":"xy","b":1}""");
            }
            catch (GrammarException)
            {
            }
        }
    }

    /// <summary>A schema that begins with its first definition, each of which may lead to the next.</summary>
    private static string Definitions(int count, Func<int, string> link, string last) =>
        "{\"$ref\":\"#/$defs/0\",\"$defs\":{"
        + string.Concat(Enumerable.Range(0, count).Select(i => $"\"{i}\":{link(i)},")) + $"\"{count}\":{last}" + "}}";
}

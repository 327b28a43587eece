using System.Text;
using System.Text.Json;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Combined;

namespace Causerie.Text.Tests.Grammars;

/// <summary>A JSON string that is held to a grammar has a text of that grammar, and no place in it leads nowhere.</summary>
public sealed class JsonStringTests
{
    [Theory]
    [InlineData("lark", "start: (\"a\\\"b\" | \"\\\\\" | \"é\\n\")+")]
    [InlineData("lark", "start: /[\\x00-\\x1f\"\\\\\\/]{1,4}/ \"🙂\"")]
    [InlineData("regex", "[^a-z]{0,3}")]
    [InlineData("regex", "[\\u0007\\u001b]x|\\t")]
    public void Whatever_is_drawn_reads_as_a_text_of_the_grammar(string kind, string source)
    {
        var random = new Random(3);
        for (int i = 0; i < 200; i++)
        {
            var state = new JsonStringGrammar(GrammarFormat.Read(kind, source)).Start;
            var bytes = new List<byte>();
            while (!state.CanEnd)
            {
                (byte Byte, GrammarState State)[] next =
                    [.. Enumerable.Range(0, 256).Select(b => ((byte)b, State: state.Step((byte)b)!)).Where(one => one.State is not null)];
                Assert.NotEmpty(next);
                var lively = next.Where(one => one.Byte is (byte)'\\' or (byte)'u' or (byte)'"').ToArray();
                (byte taken, state) = lively.Length > 0 && random.Next(2) > 0 ? lively[random.Next(lively.Length)] : next[random.Next(next.Length)];
                bytes.Add(taken);
            }
            string text = JsonSerializer.Deserialize<string>("\"" + Encoding.UTF8.GetString([.. bytes]))!;
            Assert.True(FormatTests.Takes(GrammarFormat.Read(kind, source), text), text);
        }
    }

    [Theory]
    [InlineData("a\\\"b\"", true)]
    [InlineData("a\\u0022b\"", false)]
    [InlineData("a\"b\"", false)]
    [InlineData("\\u001B\"", true)]
    [InlineData("\\u001b\"", true)]
    [InlineData("\\U001b\"", false)]
    [InlineData("\\u00e9\"", false)]
    [InlineData("é\"", true)]
    [InlineData("\\/\"", false)]
    [InlineData("\\n\"", false)]
    [InlineData("é", false)]
    [InlineData("é\"x", false)]
    public void Each_text_is_written_in_one_way(string written, bool taken) => Assert.Equal(
        taken, FormatTests.Takes(new JsonStringGrammar(GrammarFormat.Read("choice", "[\"a\\\"b\",\"\\u001b\",\"é\",\"/\"]")), written));
}

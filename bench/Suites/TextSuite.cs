using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Causerie.Bench.Steps;
using Causerie.Text.Templates;
using Causerie.Text.Tokenizers;

namespace Causerie.Bench.Suites;

/// <summary>What happens to text before a prompt is read: templates of twenty turns, and tokens.</summary>
[MemoryDiagnoser]
public class TextSuite
{
    private readonly JsonObject _conversation = Conversations.OfTurns(20);
    private Tokenizer? _tokenizer;
    private ChatTemplate? _llama;
    private string _prompt = "";
    private string _code = "";

    [GlobalSetup]
    public void Fill()
    {
        _tokenizer = Data.LlamaTokenizer();
        _llama = Data.LlamaTemplate();
        _prompt = ChatTemplate.ChatMl.Render(_conversation, DateTime.UnixEpoch);
        _code = Data.OwnSources(1 << 18);
    }

    [Benchmark]
    public string ChatMlOfTwentyTurns() => ChatTemplate.ChatMl.Render(_conversation, DateTime.UnixEpoch);

    [Benchmark]
    public string LlamaTemplateOfTwentyTurns() => _llama!.Render(_conversation, DateTime.UnixEpoch);

    [Benchmark]
    public int[] EncodeTwentyTurns() => _tokenizer!.Encode(_prompt, parseSpecial: true);

    [Benchmark]
    public int[] EncodeQuarterOfAMegabyteOfCode() => _tokenizer!.Encode(_code);
}

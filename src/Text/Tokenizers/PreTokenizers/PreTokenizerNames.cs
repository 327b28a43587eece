using System.Collections.Frozen;

namespace Causerie.Text.Tokenizers.PreTokenizers;

/// <summary>The pre-tokenizers by the names that model files give them (<c>tokenizer.ggml.pre</c>).</summary>
internal static class PreTokenizerNames
{
    private static readonly FrozenDictionary<string, Func<PreTokenizer>> Known = Table();

    /// <summary>Every name, sorted.</summary>
    public static IEnumerable<string> All => Known.Keys.Order(StringComparer.Ordinal);

    /// <summary>The pre-tokenizer of that name; a file without a name means "default".</summary>
    /// <exception cref="NotSupportedException">The name is unknown; the message lists those known.</exception>
    public static PreTokenizer Find(string? name) =>
        Known.TryGetValue(string.IsNullOrEmpty(name) ? "default" : name, out var build)
            ? build()
            : throw new NotSupportedException(
                $"tokenizer.ggml.pre '{name}' is not supported. Known: {string.Join(", ", All)}.");

    private static FrozenDictionary<string, Func<PreTokenizer>> Table()
    {
        var table = new Dictionary<string, Func<PreTokenizer>>(StringComparer.Ordinal);
        Add("default", () => Clean(Signs("$+<=>^~|"), Gpt2(), Numbers(), new DigitTriples()));
        Add("gpt-2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert exaone4 " +
            "jina-v1-en jina-v2-code roberta-bpe mpt olmo jais", () => Clean(Gpt2()));
        Add("trillion granite-docling", () => Exact(Gpt2()));
        Add("starcoder refact codeshell exaone minerva-7b mellum2", () => Clean(Numbers(1), Gpt2()));
        Add("command-r smollm", () => Exact(Numbers(1), Gpt2()));
        Add("falcon", () => Clean(Signs("$+<=>^~|`"), Gpt2(), new DigitTriples()));

        Add("llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano",
            () => Clean(new Cl100kSplitter()) with { IgnoreMerges = true, AddBos = true });
        Add("dbrx smaug-bpe glm4 chatglm-bpe", () => Clean(new Cl100kSplitter()));
        Add("jais-2", () => Clean(new Cl100kSplitter { WhiteSpaceInBlocks = true }));
        Add("stablelm2 megrez", () => Clean(Qwen2()));
        Add("qwen2 deepseek-r1-qwen kormo f2llmv2 hunyuan solar-open grok-2 bailingmoe bailingmoe2 llada-moe",
            () => Exact(Qwen2()));
        Add("qwen35", () => Exact(new Cl100kSplitter { Digits = 1, MarksAreLetters = true }));
        Add("seed-coder", () => Exact(new Cl100kSplitter { Digits = 1, Tail = PunctuationTail.None }));
        Add("laguna", () => Exact(Lines(), Qwen2()));
        Add("minicpm5", () => Clean(Numbers(3), new Cl100kSplitter { Digits = int.MaxValue }) with
        {
            IgnoreMerges = true,
        });
        Add("exaone-moe", () => Clean(new Cl100kSplitter
        {
            Digits = 1,
            Phrases = true,
            Tail = PunctuationTail.OneNewLineOrSlash,
        }));

        Add("gpt-4o llama4 kanana2 talkie minimax-m2", () => Exact(new O200kSplitter()));
        Add("granite-embed-multi-97m", () => Exact(new O200kSplitter()) with { IgnoreMerges = true });
        Add("tekken", () => Exact(new O200kSplitter { Digits = 1, Contractions = false }) with
        {
            IgnoreMerges = true,
            AddBos = true,
        });
        Add("tiny_aya cohere2moe", () => Exact(
            new ThousandsSplitter { IsDigit = ThousandsSplitter.DecimalDigit, OnlyBeforeWordEnd = true },
            new O200kSplitter()));
        Add("kimi-k2", () => Exact(new O200kSplitter { HanApart = true, Tail = PunctuationTail.NewLines }));
        Add("youtu", () => Exact(
            new AlternativeRuns(Hangul, EastAsianPunctuation, Bopomofo, Cjk),
            new O200kSplitter { Digits = 1 }) with
        {
            IgnoreMerges = true,
        });

        Add("deepseek-llm", () => Exact(
            new RunSplitter("\r\n") { Most = 1 },
            new RunSplitter(CasedLetters) { Prefix = char.IsWhiteSpace },
            new RunSplitter("!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002")
            {
                Prefix = char.IsWhiteSpace,
            },
            new TrailingWhiteSpace(),
            new RunSplitter(CjkAndHangul),
            Numbers()));
        Add("deepseek-coder", () => Exact(
            new RunSplitter("\r\n") { Most = 1 },
            new RunSplitter(CharClass.Letter) { Prefix = char.IsWhiteSpace },
            new RunSplitter(CharClass.Punctuation) { Prefix = char.IsWhiteSpace },
            new RunSplitter(CjkAndHangul),
            Numbers(1)));
        Add("deepseek-v3 hunyuan-dense joyai-llm",
            () => Exact(Numbers(3), new RunSplitter(Cjk), new DeepSeekSplitter()));
        Add("afmoe", () => Exact(
            new ThousandsSplitter { IsDigit = ThousandsSplitter.Number },
            new RunSplitter(AsianScripts),
            new DeepSeekSplitter()));

        Add("poro-chat", () => Exact(Bloom()));
        Add("bloom gpt3-finnish", () => Clean(Bloom()));
        Add("viking", () => Exact(Bloom(), Numbers(1)));
        Add("superbpe", () => Exact(Numbers(), new ThousandsBorders()));
        Add("chameleon", () => Exact(
            new SentinelSplitter(),
            new ImageTokenSplitter(),
            new IndentationSplitter(),
            Numbers(1),
            new RunSplitter(CharClass.Punctuation, new CodePointSet("!-/:-@[-`{-~")) { Most = 1 },
            Gpt2()) with
        {
            AddBos = true,
        });

        Add("gemma4 granite-embed-multi-311m", () => Clean(Lines()) with
        {
            ByteLevel = false,
            EscapeSpaces = true,
            WholeNewLines = true,
            ForceBos = true,
        });
        Add("sarvam-moe", () => Exact(Lines()) with { ByteLevel = false, EscapeSpaces = true });
        Add("whitespace", () => Clean(new RunSplitter(CharClass.White) { Negated = true }) with
        {
            ByteLevel = false,
            DropsWhiteSpace = true,
        });
        return table.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(string names, Func<PreTokenizer> build)
        {
            foreach (string name in names.Split(' '))
                table.Add(name, build);
        }
    }

    private static PreTokenizer Clean(params Splitter[] splitters) => new() { Splitters = splitters };

    private static PreTokenizer Exact(params Splitter[] splitters) =>
        new() { Splitters = splitters, CleanSpaces = false };

    private static Gpt2Splitter Gpt2() => new();

    private static Cl100kSplitter Qwen2() => new() { Digits = 1 };

    private static RunSplitter Numbers(int most = int.MaxValue) => new(CharClass.Number) { Most = most };

    private static RunSplitter Signs(string symbols) => new(CharClass.Punctuation, new CodePointSet(symbols));

    // Its matches are runs of newlines; what lies between is the lines.
    private static RunSplitter Lines() => new("\n");

    private static RunSplitter Bloom() =>
        new(CharClass.White, new CodePointSet("(|.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C)"))
        {
            Negated = true,
            Prefix = unit => unit == ' ',
        };

    private static CodePointSet Cjk => new("\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF");

    private static CodePointSet Hangul => new("\uAC00-\uD7A3\u3131-\u318E");

    private static CodePointSet Bopomofo => new("\u3105-\u312F");

    private static CodePointSet EastAsianPunctuation =>
        new("\uFF01\u2026\u201C\u201D\u2018\u2019\u2014\uFF1A\uFF1B\uFF0C\u3001-\u303F\uFE30-\uFE4F");

    private static CodePointSet CjkAndHangul => new("\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF");

    private static CodePointSet AsianScripts => new(
        "\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF\u3040-\u309F\u30A0-\u30FF\uFF65-\uFF9F\u2F00-\u2FDF" +
        "\u0E40-\u0E7F\u0E80-\u0EFF\u1780-\u17FF\u1000-\u109F\uAA60-\uAA7F\uA9E0-\uA9FF\uAC00-\uD7AF\u1100-\u11FF");

    // Letters that have case, as of the Unicode version that the model was made with.
    private static CodePointSet CasedLetters => new(
        "A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF" +
        "\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5" +
        "\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA" +
        "\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45" +
        "\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE" +
        "\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102" +
        "\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139" +
        "\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3" +
        "\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06" +
        "\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\U00010400-\U0001044F\U000104B0-\U000104D3" +
        "\U000104D8-\U000104FB\U00010C80-\U00010CB2\U00010CC0-\U00010CF2\U000118A0-\U000118DF" +
        "\U0001E900-\U0001E943");
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Causerie.Inference.Gguf;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Masks;
using Causerie.Text.Grammars.Schemas;
using Causerie.Text.Tokenizers;

// How long schemas take to compile, and masks to work out, over a vocabulary: the valid values of maskbench's schemas,
// token by token, each schema new. Beside the time that passes stands the processor's, of all threads of the process, which
// other processes do not lengthen.
// usage: dotnet run -c Release --project bench/Masks VOCABULARY.gguf MASKBENCH.jsonl [every so many schemas]
if (args.Length < 2)
{
    Console.Error.WriteLine("usage: masks VOCABULARY.gguf MASKBENCH.jsonl [every so many schemas]");
    return 2;
}

using var file = GgufFile.Open(args[0]);
var tokenizer = Tokenizer.Create(VocabularyReader.Read(file.Metadata));
var watch = Stopwatch.StartNew();
var masks = new TokenMasks(TokenTrie.Of(tokenizer.Vocabulary.Tokens.Length, id => [.. tokenizer.Bytes(id)]));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{tokenizer.Vocabulary.Tokens.Length:N0} tokens, their tree in {watch.Elapsed.TotalMilliseconds:F0} ms"));
int every = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 20;
ulong[] mask = new ulong[masks.Words];
var compiling = new List<double>();
var filling = new List<(double Time, double Busy, string Name)>();
foreach (var one in File.ReadLines(args[1]).Where((_, i) => i % every == 0).Select(line => JsonNode.Parse(line)!))
{
    long begin = Stopwatch.GetTimestamp();
    JsonGrammar grammar;
    try
    {
        grammar = JsonGrammar.OfSchema(one["schema"]!.ToJsonString());
    }
    catch (GrammarException)
    {
        continue;
    }
    compiling.Add(Stopwatch.GetElapsedTime(begin).TotalMicroseconds);
    if (one["tests"]!.AsArray().FirstOrDefault(test => (bool)test!["valid"]!) is not { } valid)
        continue;
    GrammarState? state = grammar.Start;
    foreach (int token in tokenizer.Encode(valid["data"]?.ToJsonString() ?? "null"))
    {
        var busy = Environment.CpuUsage.TotalTime;
        begin = Stopwatch.GetTimestamp();
        masks.Fill(state!, mask);
        double time = Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
        filling.Add((time, (Environment.CpuUsage.TotalTime - busy).TotalMicroseconds, $"{(string?)one["name"]} before '{tokenizer.Decode([token])}'"));
        foreach (byte next in tokenizer.Bytes(token))
            state = state!.Step(next);
    }
}

Report("compile", [.. compiling]);
Report("mask", [.. filling.Select(one => one.Time)]);
Report("mask, processor", [.. filling.Select(one => one.Busy)]);
foreach (var (time, busy, name) in filling.OrderByDescending(one => one.Busy).Take(8))
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {time / 1000:F1} ms, {busy / 1000:F1} of them at work  {name}"));
return 0;

static void Report(string what, double[] times)
{
    Array.Sort(times);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what}: {times.Length:N0}, µs: median {At(0.5):N0}, 90 % {At(0.9):N0}, 99 % {At(0.99):N0}, largest {times[^1]:N0}"));

    double At(double part) => times[Math.Min(times.Length - 1, (int)(part * times.Length))];
}

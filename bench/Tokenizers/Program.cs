using System.Globalization;
using System.Text;
using Causerie.Bench.Tokenizers;
using Causerie.Inference.Gguf;
using Causerie.Text.Tokenizers;

// usage: Tokenizers PROSE-FOLDER VOCABULARY.gguf … [--peer FOLDER-OF-LIBLLAMA] [--code FOLDER] [--brief yes]
// One megabyte each of prose, of C# sources, of one letter and of a repeated short prompt (--brief leaves the last two
// out); the two engines take turns, medians
// of 5, in megabytes for each second of processor time.
const int Megabyte = 1 << 20;
const int Rounds = 5;
var files = new List<string>(args);
string? peerFolder = Take("--peer"), codeFolder = Take("--code");
bool brief = Take("--brief") == "yes";
if (files.Count < 2)
{
    Console.Error.WriteLine("usage: Tokenizers PROSE-FOLDER VOCABULARY.gguf … [--peer FOLDER] [--code FOLDER] [--brief yes]");
    return 2;
}
string once = string.Concat(Directory.EnumerateFiles(files[0], "*.txt").Order().Select(File.ReadAllText));
var texts = new List<(string Name, string Text, int Times, bool Parse)> { ("French prose", Megabytes(once), 1, false) };
if (codeFolder is not null)
    texts.Add(("C# code", Megabytes(Code(codeFolder)), 1, false));
if (!brief)
    texts.AddRange(
    [
        ("French prose, control tokens read", Megabytes(once), 1, true),
        ("one letter", new string('a', Megabyte), 1, false),
        ("1,000 × 1 KB", once[..1000], 1000, true),
    ]);
Console.WriteLine("| vocabulary | text | ours MB/s | llama.cpp MB/s | ratio | load ms | same ids |");
Console.WriteLine("|---|---|---|---|---|---|---|");
foreach (string file in files.Skip(1))
{
    TimeSpan began;
    Tokenizer tokenizer;
    using (var gguf = GgufFile.Open(file))
    {
        var vocabulary = VocabularyReader.Read(gguf.Metadata);
        began = Environment.CpuUsage.TotalTime;
        tokenizer = Tokenizer.Create(vocabulary);
    }
    double load = (Environment.CpuUsage.TotalTime - began).TotalMilliseconds;
    var peer = peerFolder is null ? null : new Peer(peerFolder, file);
    foreach (var (name, text, times, parse) in texts)
        Report(Path.GetFileNameWithoutExtension(file), name, text, times, parse, tokenizer, peer, load);
}
return 0;

string? Take(string option)
{
    int at = files.IndexOf(option);
    if (at < 0 || at + 1 == files.Count)
        return null;
    string value = files[at + 1];
    files.RemoveRange(at, 2);
    return value;
}

static string Code(string folder) => string.Concat(
    Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(File.ReadAllText));

static void Report(
    string vocabulary, string name, string text, int times, bool parse, Tokenizer tokenizer, Peer? peer, double load)
{
    byte[] utf8 = Encoding.UTF8.GetBytes(text);
    int[] buffer = new int[utf8.Length + 16];
    double megabytes = (double)utf8.Length * times / Megabyte;
    int[] ours = [];
    int theirs = 0;
    var ourTimes = new List<double>();
    var theirTimes = new List<double>();
    for (int round = 0; round <= Rounds; round++)
    {
        double mine = Seconds(() => ours = tokenizer.Encode(text, parseSpecial: parse));
        double other = peer is null ? double.NaN : Seconds(() => theirs = peer.Encode(utf8, buffer, parse));
        if (round == 0)
            continue; // both warm up
        ourTimes.Add(mine);
        theirTimes.Add(other);
    }
    double ourSpeed = megabytes / Median(ourTimes);
    double theirSpeed = megabytes / Median(theirTimes);
    bool equal = ours.AsSpan().SequenceEqual(buffer.AsSpan(0, Math.Max(0, theirs)));
    string same = peer is null ? "–" : equal ? "yes" : "no";
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {vocabulary} | {name} | {ourSpeed:F1} | {theirSpeed:F1} | {ourSpeed / theirSpeed:F1} | ") +
        string.Create(CultureInfo.InvariantCulture, $"{load:F0} | {same} |"));

    double Seconds(Action run)
    {
        // Processor time, so that neighbours on the machine do not count; both engines use one thread.
        var before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < times; i++)
            run();
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

// At least a megabyte where the text is shorter, its first where it is longer.
static string Megabytes(string once)
{
    var text = new StringBuilder();
    while (Encoding.UTF8.GetByteCount(once) * (long)(text.Length / once.Length) < Megabyte)
        text.Append(once);
    return once.Length > Megabyte ? once[..Megabyte] : text.ToString();
}

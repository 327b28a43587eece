using System.Globalization;
using Causerie.Bench.Steps;
using Causerie.Inference;

// Where a token's time goes: each part of a step, the median of some tokens, and the least.
// usage: dotnet run -c Release --project bench/Steps MODEL.gguf [threads] [tokens] [rows of a prompt, 1 for generation]
//                                                    [sequences that each have such rows]
//        dotnet run -c Release --project bench/Steps overheads MODEL.gguf [threads] [folder of chat templates]
//        (what bench/overheads runs)
//        dotnet run -c Release --project bench/Steps soak MODEL.gguf [minutes] [threads] [megabytes of keys and values]
if (args is ["overheads", var file, .. var rest])
{
    await Overheads.PrintAsync(
        file, rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 1, rest.ElementAtOrDefault(1));
    return 0;
}
if (args is ["soak", var soaked, ..])
    return await Soak.RunAsync(soaked, Number(2, 10), Number(3, 2), Number(4, 256)) ? 0 : 1;
if (args.Length < 1 || args[0] == "overheads")
{
    Console.Error.WriteLine("usage: Steps MODEL.gguf [threads] [tokens] [rows] [sequences] | overheads MODEL.gguf [threads] [templates]\n       | soak MODEL.gguf [minutes] [threads] [MB]");
    return 2;
}
int threads = Number(1, 1);
int tokens = Number(2, 100);
int rows = Number(3, 1);
int sequences = Number(4, 1);
using var model = LoadedModel.Load(args[0], new LoadOptions { ContextLength = 4096 });
foreach (var (name, sampling) in StepTiming.Samplings)
    StepTiming.Print($"{model.Card.Id}, {threads} threads, {rows} rows, {sequences} sequences, {name}",
        StepTiming.Measure(model, threads, tokens, rows, sampling, sequences));
return 0;

int Number(int at, int usual) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : usual;

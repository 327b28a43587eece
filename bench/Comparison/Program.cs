using System.Text.Json;
using Causerie.Bench.Comparison;
using Causerie.Bench.Comparison.Measuring;
using Causerie.Bench.Comparison.Models;
using Causerie.Bench.Comparison.Streams;

// Called by bench/compare, which says how; the other commands are what it runs in processes of their own.
try
{
    switch (args.FirstOrDefault())
    {
        case "run":
            await new SideBySide(new Settings(new Options(args.AsSpan(1), Settings.OptionNames))).RunAsync();
            return 0;
        case "generate":
            Generate(new Options(args.AsSpan(1), "--vocabulary"));
            return 0;
        case "measure":
            await MeasureAsync(new Options(
                args.AsSpan(1), "--peer", "--threads", "--prompts", "--generate", "--fresh", "--tries", "--instructions"));
            return 0;
        case "streams":
            await new StreamsSideBySide(new Options(args.AsSpan(1), StreamsSideBySide.OptionNames)).RunAsync();
            return 0;
        case "measure-streams":
            Console.WriteLine(JsonSerializer.Serialize(await StreamsMeasurement.RunAsync(new Options(
                args.AsSpan(1), "--peer", "--threads", "--streams", "--generate", "--part"))));
            return 0;
        case "limits":
            var limits = MachineLimits.Measure(new Options(args.AsSpan(1), "--threads").Number("--threads", 1));
            Console.WriteLine(JsonSerializer.Serialize(limits));
            return 0;
        default:
            Console.Error.WriteLine("usage: run | streams | generate SHAPE FORMAT FILE --vocabulary GGUF | measure MODEL | measure-streams MODEL | limits");
            return 2;
    }
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

static void Generate(Options options)
{
    var shape = ModelShape.Of(options.Word(0, "shape"));
    string vocabulary = options["--vocabulary"] ?? throw new ArgumentException("--vocabulary is missing.");
    ModelWriter.Write(
        options.Word(2, "file"), shape, options.Word(1, "format"), vocabulary, ProgressBar.On(options.Word(2, "file")));
}

static async Task MeasureAsync(Options options)
{
    var measurement = await Measurement.RunAsync(new MeasurePlan(
        options["--peer"], options.Word(0, "model"), options.Number("--threads", 1), options.Numbers("--prompts", ""),
        options.Number("--generate", 128), options.Flag("--fresh", usual: true), options.Number("--tries", 3),
        InstructionSet.Of(options["--instructions"])));
    Console.WriteLine(JsonSerializer.Serialize(measurement));
}

using System.Collections.Immutable;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;
using Causerie.Web.State;

namespace Causerie.Host.Models;

/// <summary>Models to go on to from the built-in one, each with what it would do on this machine.</summary>
internal sealed class Suggestions
{
    /// <summary>What a model takes beyond its file: keys and values of a conversation, and the program itself.</summary>
    private const long Beside = 700_000_000;

    /// <summary>What is reached of the speed at which memory can be read (docs/performance.md: 70 to 90 %).</summary>
    private const double Reached = 0.75;

    private static readonly (string Name, string Pull, long Bytes)[] Known =
    [
        ("Llama 3.2 1B", "bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M", 807_694_464),
        ("Qwen3 4B", "bartowski/Qwen_Qwen3-4B-Instruct-2507-GGUF:Q4_K_M", 2_497_281_632),
        ("Qwen3 8B", "bartowski/Qwen_Qwen3-8B-GGUF:Q4_K_M", 5_027_784_512),
    ];

    private readonly Lazy<Task<double>> _speed;

    /// <summary>Suggestions for this machine, which is measured when they are first asked for.</summary>
    public Suggestions() => _speed = new Lazy<Task<double>>(() => Task.Run(Measure));

    /// <summary>The models, smallest first; without speeds for the moment that the measurement takes.</summary>
    public ImmutableArray<ModelSuggestion> Now()
    {
        double? speed = _speed.Value is { IsCompletedSuccessfully: true } done ? done.GetAwaiter().GetResult() : null;
        return For(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, speed);
    }

    /// <summary>The models on a machine with so much memory.</summary>
    /// <param name="memory">Bytes.</param>
    /// <param name="speed">Bytes of memory that can be read in a second; null where that is not known.</param>
    internal static ImmutableArray<ModelSuggestion> For(long memory, double? speed) =>
    [
        .. Known.Select(model => new ModelSuggestion(
            model.Name, $"causerie pull {model.Pull}", model.Bytes, model.Bytes + Beside,
            model.Bytes + Beside <= memory, model.Bytes + Beside <= memory ? speed * Reached / model.Bytes : null)),
    ];

    private static double Measure()
    {
        using var pool = new WorkerPool();
        return ReadSpeed.Measure(pool);
    }
}

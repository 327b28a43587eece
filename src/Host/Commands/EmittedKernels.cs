using Causerie.Compute.Kernels;

namespace Causerie.Host.Commands;

/// <summary>CAUSERIE_EMITTED: whether kernels may be machine code made at run time; they are unless it is 0.</summary>
internal static class EmittedKernels
{
    /// <summary>Passes the variable on to the kernels, before any has run.</summary>
    /// <param name="variable">The environment's variables.</param>
    /// <exception cref="CommandException">It is neither 0 nor 1.</exception>
    public static void Apply(Func<string, string?> variable)
    {
        switch (variable("CAUSERIE_EMITTED"))
        {
            case null or "" or "1":
                break;
            case "0":
                AppContext.SetSwitch(Instructions.EmittedSwitch, false);
                break;
            case var other:
                throw CommandException.Usage($"CAUSERIE_EMITTED should be 0 or 1, not '{other}'.");
        }
    }
}

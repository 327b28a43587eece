using System.Runtime.CompilerServices;
using Causerie.Compute.Kernels;

namespace Causerie.Compute.Tests.Emitted;

/// <summary>All tests of the room run on managed kernels with <c>CAUSERIE_EMITTED=0</c>, as the program does.</summary>
internal static class EmittedSwitch
{
    [ModuleInitializer]
    internal static void Read()
    {
        if (Environment.GetEnvironmentVariable("CAUSERIE_EMITTED") == "0")
            AppContext.SetSwitch(Instructions.EmittedSwitch, false);
    }
}

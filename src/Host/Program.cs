using Causerie.Host.Commands;

using var terminal = Terminal.OfProcess();
return await CommandLine.RunAsync(args, terminal);

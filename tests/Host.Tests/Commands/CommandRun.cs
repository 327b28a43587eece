using System.Text;
using Causerie.Host.Commands;

namespace Causerie.Host.Tests.Commands;

/// <summary>Runs a command in this process against a terminal made of memory.</summary>
internal sealed record CommandRun(int Code, string Out, string Error)
{
    public static Task<CommandRun> Of(params string[] args) => Of(args, "");

    public static Task<CommandRun> Of(string[] args, string input, params (string, string)[] variables) =>
        Of(args, Encoding.UTF8.GetBytes(input), variables);

    public static async Task<CommandRun> Of(string[] args, byte[] input, params (string Name, string Value)[] variables)
    {
        using var stdin = new MemoryStream(input);
        using var stdout = new MemoryStream();
        using var stderr = new MemoryStream();
        using var terminal = new Terminal(stdin, stdout, stderr)
        {
            Time = new FixedTime(),
            // No test may see the data folder of whoever runs it.
            Variable = name => variables.LastOrDefault(variable => variable.Name == name).Value
                ?? (name == "CAUSERIE_HOME" ? Path.Combine(Path.GetTempPath(), "causerie-tests-have-no-home") : null),
        };
        int code = await CommandLine.RunAsync(args, terminal, TestContext.Current.CancellationToken);
        return new CommandRun(
            code, Encoding.UTF8.GetString(stdout.ToArray()), Encoding.UTF8.GetString(stderr.ToArray()));
    }

    /// <summary>Standard output of a run that must have gone well.</summary>
    public string Succeed()
    {
        Assert.True(Code == 0, $"exit code {Code}: {Error}");
        return Out;
    }

    /// <summary>Standard error of a run that must have failed with <paramref name="code"/> and no output.</summary>
    public string Fail(int code)
    {
        Assert.Equal(code, Code);
        Assert.Empty(Out);
        Assert.DoesNotContain("   at ", Error);
        return Error;
    }
}

/// <summary>A clock that stands still, in UTC.</summary>
internal sealed class FixedTime : TimeProvider
{
    public static readonly DateTimeOffset Now = new(2026, 7, 14, 15, 9, 26, TimeSpan.Zero);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => Now;
}

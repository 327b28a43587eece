using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Tests.Threading;

/// <summary>How many threads a process takes by itself when it may not use the whole machine.</summary>
/// <remarks>The runtime asks once, so each case is a process of its own: this assembly, with one test.</remarks>
public class DefaultThreadsTests
{
    private const string Expected = "CAUSERIE_TEST_THREADS";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Are_as_many_as_the_process_that_started_this_one_expects()
    {
        string? expected = Environment.GetEnvironmentVariable(Expected);
        Assert.SkipWhen(expected is null, "Only the other tests here start this one.");
        Assert.Equal(int.Parse(expected, CultureInfo.InvariantCulture), WorkerPool.DefaultThreads);
        using var pool = new WorkerPool();
        Assert.Equal(WorkerPool.DefaultThreads, pool.Threads);
    }

    [Fact]
    public Task One_processor_by_affinity_is_one_thread()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/taskset"), "There is no taskset here.");
        int allowed = PhysicalCores.Allowed("/proc/self/status").First();
        return ExpectOneAsync("taskset", "-c", allowed.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public Task One_processor_by_the_runtimes_variable_is_one_thread() =>
        ExpectOneAsync("env", "DOTNET_PROCESSOR_COUNT=1");

    [Fact]
    public async Task One_processor_by_the_control_groups_quota_is_one_thread()
    {
        string? group = QuotaOfOne();
        Assert.SkipWhen(group is null, "No control group with a quota of processor time can be made here.");
        try
        {
            await ExpectOneAsync("sh", "-c", $"echo $$ > {group}/cgroup.procs && exec \"$@\"", "sh");
        }
        finally
        {
            // Its processes have ended; the system may need a moment to notice.
            for (int i = 0; Directory.Exists(group) && i < 50; i++)
            {
                try
                {
                    Directory.Delete(group);
                }
                catch (IOException)
                {
                    await Task.Delay(20, Cancel);
                }
            }
        }
    }

    private static async Task ExpectOneAsync(string command, params string[] args)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Processes are started as on POSIX.");
        string me = Assembly.GetExecutingAssembly().Location;
        string method = $"{typeof(DefaultThreadsTests).FullName}.{nameof(Are_as_many_as_the_process_that_started_this_one_expects)}";
        var start = new ProcessStartInfo(command, [.. args, Environment.ProcessPath!, .. Muxed(me), "-method", method])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Expected] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        string output = await process.StandardOutput.ReadToEndAsync(Cancel) + await error;
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, output);
        Assert.Contains("Total: 1", output);
        Assert.Contains("Skipped: 0", output);
    }

    // A runner hosts the tests in 'dotnet'; by itself the assembly has a program of its own.
    private static string[] Muxed(string assembly) =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [assembly] : [];

    /// <summary>A new group that may use one processor, by version 2 or by version 1; null where none can be made.</summary>
    private static string? QuotaOfOne()
    {
        const string Root = "/sys/fs/cgroup";
        bool second = File.Exists($"{Root}/cgroup.subtree_control");
        string parent = second ? Root : $"{Root}/cpu";
        string group = $"{parent}/causerie-test-{Environment.ProcessId}";
        try
        {
            if (!Directory.Exists(parent) ||
                (second && !File.ReadAllText($"{Root}/cgroup.subtree_control").Contains("cpu", StringComparison.Ordinal)))
                return null;
            Directory.CreateDirectory(group);
            if (second)
            {
                File.WriteAllText($"{group}/cpu.max", "100000 100000");
            }
            else
            {
                File.WriteAllText($"{group}/cpu.cfs_period_us", "100000");
                File.WriteAllText($"{group}/cpu.cfs_quota_us", "100000");
            }

            return group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(group))
                Directory.Delete(group);
            return null;
        }
    }
}

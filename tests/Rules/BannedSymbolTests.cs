namespace Causerie.Rules;

/// <summary>Breaking each wall fails: a line that touches what its room may not touch does not compile.</summary>
public sealed class BannedSymbolTests
{
    private const string Banned = "RS0030";

    [Theory]
    [InlineData("Chat", "return new System.Net.Http.HttpClient();")]
    [InlineData("Chat", "return System.IO.File.ReadAllText(\"x\");")]
    [InlineData("Chat", "return System.Text.Json.JsonDocument.Parse(\"{}\");")]
    [InlineData("Chat", "return new Thread(() => { });")]
    [InlineData("Chat", "Console.WriteLine(); return null;")]
    [InlineData("Compute", "return Task.Delay(1);")]
    [InlineData("Compute", "return System.Text.Json.JsonDocument.Parse(\"{}\");")]
    [InlineData("Compute", "return new System.Net.Sockets.TcpClient();")]
    [InlineData("Compute", "Console.WriteLine(); return null;")]
    [InlineData("Text", "return System.IO.File.ReadAllText(\"x\");")]
    [InlineData("Text", "return new System.IO.FileStream(\"x\", System.IO.FileMode.Open);")]
    [InlineData("Text", "return TimeProvider.System;")]
    [InlineData("Text", "return new Thread(() => { });")]
    [InlineData("Text", "return new System.Net.Http.HttpClient();")]
    [InlineData("Text", "Console.WriteLine(); return null;")]
    [InlineData("Inference", "return new System.Net.Http.HttpClient();")]
    [InlineData("Inference", "return new Microsoft.Data.Sqlite.SqliteConnection();")]
    [InlineData("Inference", "return System.Runtime.CompilerServices.Unsafe.SizeOf<int>();")]
    [InlineData("Inference", "return System.Runtime.InteropServices.MemoryMarshal.AsBytes(new int[1].AsSpan()).Length;")]
    [InlineData("Inference", "return System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated;")]
    [InlineData("Inference", "Console.WriteLine(); return null;")]
    [InlineData("Training", "return new System.Net.Http.HttpClient();")]
    [InlineData("Training", "return new Microsoft.Data.Sqlite.SqliteConnection();")]
    [InlineData("Training", "return System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated;")]
    [InlineData("Training", "return System.Runtime.InteropServices.MemoryMarshal.AsBytes(new int[1].AsSpan()).Length;")]
    [InlineData("Training", "Console.WriteLine(); return null;")]
    [InlineData("Gateway", "return new Microsoft.AspNetCore.Http.DefaultHttpContext();")]
    [InlineData("Gateway", "return new Microsoft.Data.Sqlite.SqliteConnection();")]
    [InlineData("Gateway", "Console.WriteLine(); return null;")]
    [InlineData("Ledger", "return new Microsoft.AspNetCore.Http.DefaultHttpContext();")]
    [InlineData("Ledger", "return new System.Net.Http.HttpClient();")]
    [InlineData("Ledger", "Console.WriteLine(); return null;")]
    [InlineData("Conversations", "return new Microsoft.AspNetCore.Http.DefaultHttpContext();")]
    [InlineData("Conversations", "Console.WriteLine(); return null;")]
    [InlineData("Web", "return new Microsoft.Data.Sqlite.SqliteConnection();")]
    [InlineData("Web", "return new System.Net.Http.HttpClient();")]
    [InlineData("Web", "return System.IO.File.ReadAllText(\"x\");")]
    [InlineData("Web", "return new Microsoft.AspNetCore.Components.MarkupString(\"<b>\");")]
    [InlineData("Web", "Console.WriteLine(); return null;")]
    public async Task A_line_that_breaks_its_rooms_wall_is_refused(string room, string body) =>
        Assert.Contains(Banned, await RoomCompiler.DiagnosticsAsync(room, body));

    [Fact]
    public async Task Clocks_blocking_waits_and_the_frameworks_random_are_refused_in_every_room()
    {
        foreach (string room in House.Rooms)
        {
            foreach (string body in new[]
            {
                "return DateTime.UtcNow;", "return DateTime.Now;", "return DateTimeOffset.UtcNow;",
                "task.Wait(); return null;", "return task.Result;", "return new Random();",
            })
            {
                Assert.True(
                    (await RoomCompiler.DiagnosticsAsync(room, body)).Contains(Banned), $"{room}: {body} was let through.");
            }
        }
    }

    [Theory]
    [InlineData("Chat")]
    [InlineData("Text")]
    [InlineData("Inference")]
    [InlineData("Training")]
    [InlineData("Gateway")]
    [InlineData("Ledger")]
    [InlineData("Conversations")]
    [InlineData("Web")]
    [InlineData("Host")]
    public async Task Unsafe_code_outside_Compute_does_not_compile(string room) =>
        Assert.Contains("CS0227", await RoomCompiler.DiagnosticsAsync(room, "unsafe { int* p = null; return p == null; }"));

    [Fact]
    public async Task Each_room_may_do_what_it_is_for()
    {
        Assert.Empty(await RoomCompiler.DiagnosticsAsync("Compute", "unsafe { int* p = null; return p == null; }"));
        Assert.Empty(await RoomCompiler.DiagnosticsAsync("Compute", "return new Thread(() => { });"));
        Assert.Empty(await RoomCompiler.DiagnosticsAsync("Gateway", "return new System.Net.Http.HttpClient();"));
        Assert.Empty(await RoomCompiler.DiagnosticsAsync("Conversations", "return new Microsoft.Data.Sqlite.SqliteConnection();"));
        Assert.Empty(await RoomCompiler.DiagnosticsAsync("Host", "Console.WriteLine(); return null;"));
    }
}

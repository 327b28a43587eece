using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Causerie.Host.Tests.Models;

/// <summary>A hub on the loopback that can misbehave in every way a real one does, byte by byte.</summary>
internal sealed class HubServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public HubServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    public string Repository { get; init; } = "owner/model";

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Every request so far: its path and its headers.</summary>
    public ConcurrentQueue<(string Path, string Head)> Requests { get; } = [];

    public IEnumerable<string> Downloads =>
        Requests.Select(request => request.Path).Where(path => path.Contains("/resolve/"));

    /// <summary>Overrides the answer to a request; null leaves it to the well-behaved server.</summary>
    public Func<string, string, Reply?> Misbehave { get; set; } = (_, _) => null;

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The tree of the API, as it is on Hugging Face.</summary>
    public string Tree(Func<string, string>? hashOf = null, Func<byte[], long>? sizeOf = null) =>
        JsonSerializer.Serialize(Files.Select(file => new
        {
            type = "file",
            oid = "0000",
            size = sizeOf?.Invoke(file.Value) ?? file.Value.Length,
            lfs = new
            {
                oid = hashOf?.Invoke(file.Key) ?? Sha256(file.Value),
                size = sizeOf?.Invoke(file.Value) ?? file.Value.Length,
                pointerSize = 134,
            },
            path = file.Key,
        }));

    /// <summary>Goes away; may be called twice, by a test that wants it gone and at the test's end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_accepting.IsCompleted)
            return;
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
                talks.Add(TalkAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                string head = await ReadHeadAsync(stream);
                string path = head.Split(' ')[1];
                Requests.Enqueue((path, head));
                var reply = Misbehave(path, head) ?? Behave(path, head);
                var lines = new StringBuilder($"HTTP/1.1 {reply.Status} X\r\nConnection: close\r\n");
                lines.Append($"Content-Length: {reply.Length ?? reply.Body.Length}\r\n");
                foreach (string header in reply.Headers)
                    lines.Append(header).Append("\r\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(lines + "\r\n"), _stop.Token);
                await stream.WriteAsync(reply.Body, _stop.Token);
                if (reply.Silent)
                    await Task.Delay(Timeout.Infinite, _stop.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client left, or the test is over.
            }
        }
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                throw new IOException("closed");
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private Reply Behave(string path, string head)
    {
        if (path == $"/api/models/{Repository}/tree/main?recursive=true")
            return new Reply(200, Encoding.UTF8.GetBytes(Tree()));
        string prefix = $"/{Repository}/resolve/main/";
        if (!path.StartsWith(prefix, StringComparison.Ordinal)
            || !Files.TryGetValue(Uri.UnescapeDataString(path[prefix.Length..]), out byte[]? file))
            return new Reply(404, []);
        return Serve(file, head);
    }

    /// <summary>A file or the range of it that the request asks for.</summary>
    public static Reply Serve(byte[] file, string head)
    {
        if (Offset(head) is not { } from)
            return new Reply(200, file);
        return from >= file.Length
            ? new Reply(416, [], $"Content-Range: bytes */{file.Length}")
            : new Reply(206, file[from..], $"Content-Range: bytes {from}-{file.Length - 1}/{file.Length}");
    }

    /// <summary>Where the request wants to begin; null for the whole file.</summary>
    public static int? Offset(string head)
    {
        string? range = head.Split("\r\n")
            .FirstOrDefault(line => line.StartsWith("Range:", StringComparison.OrdinalIgnoreCase));
        return range is null ? null : int.Parse(range.Split('=')[1].TrimEnd('-'));
    }
}

/// <summary>What the server answers, truthfully or not.</summary>
internal sealed record Reply(int Status, byte[] Body, params string[] Headers)
{
    /// <summary>The stated length where it is a lie.</summary>
    public long? Length { get; init; }

    /// <summary>Whether the connection stays open without another byte.</summary>
    public bool Silent { get; init; }
}

using System.Collections.Immutable;

namespace Causerie.Host.Serving;

/// <summary>How the server listens, whom it lets in, and which models it opens.</summary>
public sealed record ServerOptions
{
    /// <summary>The address to listen on: an IP address, <c>localhost</c>, or <c>*</c> for every interface.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port; 0 takes any free one.</summary>
    public int Port { get; init; } = 5311;

    /// <summary>One of these callers must present; empty only on a loopback address. See <see cref="Access.KeyRing"/>.</summary>
    public ImmutableArray<string> ApiKeys { get; init; } = [];

    /// <summary>Whether prompts of one key may speed up those of another.</summary>
    public bool SharePrompts { get; init; }

    /// <summary>Model files to open at start.</summary>
    public ImmutableArray<string> ModelFiles { get; init; } = [];

    /// <summary>The model that ships with the program, served last; null serves none.</summary>
    public string? BuiltIn { get; init; }

    /// <summary>The data folder: its <c>models</c> are served too, and the chat page keeps its conversations there; null
    /// serves <see cref="ModelFiles"/> alone, without the page.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Whether every answer has a receipt, not only those that ask for one.</summary>
    public bool ReceiptsOfAll { get; init; }

    /// <summary>Host names, besides those of loopback, that a keyless server answers to.</summary>
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins, such as <c>https://app.example</c>, whose pages may call the API from a browser.</summary>
    public ImmutableArray<string> AllowedOrigins { get; init; } = [];

    /// <summary>Requests for answers that each key, or each address where there are none, may send a minute; null is any number.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens, read and written, that each may use a minute; null is any number.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>Written before each line of the log: what takes a status line off the screen, where there is one.</summary>
    public string BeforeLogLine { get; init; } = "";

    /// <summary>The longest request body, in bytes.</summary>
    public long MaxRequestBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The longest file that is kept for a caller, in bytes.</summary>
    public long MaxFileBytes { get; init; } = 512_000_000;

    /// <summary>Requests of batches that are answered at once.</summary>
    public int BatchParallel { get; init; } = 4;

    /// <summary>The time; tests have their own.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long a stream may be silent before a comment keeps its connection open.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long running answers may go on when the server is told to stop.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}

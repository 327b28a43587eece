using System.Collections.Immutable;
using System.Security.Cryptography;
using Causerie.Chat;
using Causerie.Compute.Kernels;
using Causerie.Inference.KvCache;

namespace Causerie.Inference;

/// <summary>Gathers what it takes to give one answer again, while it is given.</summary>
internal sealed class AnswerTracing
{
    private readonly LoadedModel _model;
    private readonly GenerationRequest _request;
    private readonly DateTime _localTime;
    private readonly ImmutableArray<int>.Builder _output = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<string>.Builder _digests = ImmutableArray.CreateBuilder<string>();

    private readonly ImmutableArray<ChatMessage>? _messages;

    private AnswerTracing(LoadedModel model, GenerationRequest request, DateTime localTime, ImmutableArray<ChatMessage>? messages)
    {
        _messages = messages;
        _localTime = localTime;
        _model = model;
        _request = request;
    }

    /// <summary>Begins a trace where the request asks for one; the request then has all settings and a seed.</summary>
    public static AnswerTracing? Begin(
        LoadedModel model, ref GenerationRequest request, DateTime localTime, ImmutableArray<ChatMessage>? messages)
    {
        if (!request.Digest)
            return null;
        // The engine would draw one too, but for itself.
        ulong seed = request.Sampling.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        request.Sampling.Validate();
        request = request with { Sampling = model.SamplerDefaults.Resolve(request.Sampling).ToOptions(seed) };
        return new AnswerTracing(model, request, localTime, messages);
    }

    /// <summary>Takes a token with the digest of the logits that it was picked from.</summary>
    public void Add(int token, string digest)
    {
        _output.Add(token);
        _digests.Add(digest);
    }

    /// <summary>The whole; waits for the model's hash should it not be known yet.</summary>
    /// <exception cref="ChatException">The model's file is not the one that answers any more.</exception>
    public async Task<AnswerTrace> FinishAsync(CancellationToken cancellationToken) => new()
    {
        Engine = LoadedModel.EngineVersion,
        Instructions = Instructions.Description,
        Files = await FilesAsync(cancellationToken),
        ContextLength = _model.ContextLength,
        KeysAndValues = NameOf(_model.KvShape.Element),
        LocalTime = _localTime,
        Messages = _messages,
        Prompt = [.. _request.Prompt],
        Sampling = _request.Sampling,
        Output = _output.ToImmutable(),
        LogitDigests = _digests.ToImmutable(),
    };

    private async Task<ImmutableArray<ModelFileHash>> FilesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _model.HashAsync().WaitAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new ChatException(
                ChatErrorKind.Unavailable, $"No receipt can be given, for the model cannot be named: {e.Message}", "receipt", e);
        }
    }

    private static string NameOf(KvElement element) => element switch
    {
        KvElement.F32 => "f32",
        KvElement.Q8_0 => "q8_0",
        _ => "f16",
    };
}

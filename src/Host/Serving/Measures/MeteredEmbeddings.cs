using Causerie.Chat;

namespace Causerie.Host.Serving.Measures;

/// <summary>Measures what another model reads to give vectors.</summary>
internal sealed class MeteredEmbeddings(IEmbeddingModel inner, ServerMeter meter) : IEmbeddingModel
{
    public async Task<EmbeddingAnswer> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken)
    {
        meter.InFlight(1, request.Model);
        try
        {
            var answer = await inner.EmbedAsync(request, cancellationToken);
            meter.Tokens(answer.PromptTokens, 0, request.Model);
            return answer;
        }
        finally
        {
            meter.InFlight(-1, request.Model);
        }
    }
}

using Causerie.Conversations.Storage;

namespace Causerie.Host.Serving.Batches;

/// <summary>What all batches share.</summary>
/// <param name="Objects">Keeps batches.</param>
/// <param name="Files">Keeps what they read and wrote.</param>
/// <param name="Targets">Answers their requests.</param>
/// <param name="Folder">Keeps what they have answered so far.</param>
/// <param name="LongestLine">The longest request, in bytes.</param>
/// <param name="Slots">As many as requests are answered at once.</param>
/// <param name="Clock">The time.</param>
internal sealed record BatchPlace(
    ApiObjects Objects, ApiFiles Files, BatchTargets Targets, string Folder, long LongestLine, SemaphoreSlim Slots, TimeProvider Clock);

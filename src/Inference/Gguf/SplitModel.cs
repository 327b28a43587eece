using System.Globalization;
using System.Text.RegularExpressions;
using Causerie.Compute.Memory;

namespace Causerie.Inference.Gguf;

/// <summary>Finds and checks the shards of a model that was split into files <c>-00001-of-0000N.gguf</c>.</summary>
internal static partial class SplitModel
{
    private const string CountKey = "split.count";
    private const string NumberKey = "split.no";
    private const string TensorsKey = "split.tensors.count";

    /// <summary>The file at <paramref name="path"/> and, where it is the first of several, the others.</summary>
    /// <remarks>Shards come one by one so that the caller can release those already open when a later one fails.</remarks>
    public static IEnumerable<GgufShard> Open(string path)
    {
        var first = OpenShard(path);
        yield return first;
        int count = first.Metadata.GetOr(CountKey, (ushort)1);
        if (count <= 1)
            yield break;
        var name = ShardName().Match(path);
        if (!name.Success)
            throw first.Metadata.Fault(
                CountKey, $"the model is split into {count} files, so this one's name must end in " +
                $"-00001-of-{count:D5}.gguf; give it its name back.");
        if (int.Parse(name.Groups["count"].Value, CultureInfo.InvariantCulture) != count)
            throw first.Metadata.Fault(CountKey, $"the file says {count} shards, its name another number.");
        int number = int.Parse(name.Groups["number"].Value, CultureInfo.InvariantCulture);
        CheckNumber(first, number - 1);
        if (number != 1)
            throw new GgufException(
                path, NumberKey, null,
                $"this is shard {number} of {count}; open the first one, {NameOf(name, 1, count)}.");
        for (int i = 2; i <= count; i++)
        {
            string next = NameOf(name, i, count);
            if (!File.Exists(next))
                throw new GgufException(
                    path, CountKey, null, $"shard {i} of {count} is missing: {next}. Put all shards in one folder.");
            var shard = OpenShard(next);
            yield return shard;
            if (shard.Metadata.GetOr(CountKey, (ushort)0) != count)
                throw shard.Metadata.Fault(CountKey, $"the first shard says {count}; the files do not belong together.");
            CheckNumber(shard, i - 1);
        }
    }

    /// <summary>Compares the tensors found with the number that the first shard gives.</summary>
    public static void CheckTensorCount(GgufShard first, int found)
    {
        if (first.Metadata.TryGet(TensorsKey, out int expected) && expected != found)
            throw first.Metadata.Fault(TensorsKey, $"the shards hold {found} tensors; there should be {expected}.");
    }

    private static GgufShard OpenShard(string path)
    {
        var file = Map(path);
        try
        {
            return GgufShard.Parse(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // .NET reports a folder as a lack of permission, which would mislead.
    private static MappedFile Map(string path)
    {
        try
        {
            return MappedFile.Open(path);
        }
        catch (UnauthorizedAccessException e)
        {
            string reason = Directory.Exists(path) ? "it is a folder; name the .gguf file in it" : "permission is denied";
            throw new IOException($"{path} cannot be opened: {reason}.", e);
        }
    }

    private static void CheckNumber(GgufShard shard, int expected)
    {
        int number = shard.Metadata.Require<ushort>(NumberKey);
        if (number != expected)
            throw shard.Metadata.Fault(
                NumberKey, $"the file is shard {number} (from 0), its name says {expected}; it was renamed.");
    }

    private static string NameOf(Match name, int number, int count) =>
        $"{name.Groups["prefix"].Value}-{number:D5}-of-{count:D5}.gguf";

    [GeneratedRegex(@"^(?<prefix>.*)-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})\.gguf$", RegexOptions.Singleline)]
    private static partial Regex ShardName();
}

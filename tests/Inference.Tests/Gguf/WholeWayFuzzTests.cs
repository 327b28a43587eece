using Causerie.Chat;
using Causerie.Inference.Gguf;
using Causerie.Inference.Sampling;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Gguf;

/// <summary>Mutations of a whole model's header: it is refused, or it answers; nothing else comes of it.</summary>
public sealed class WholeWayFuzzTests : IDisposable
{
    private readonly string _path = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"causerie-fuzz-{Guid.NewGuid():N}.gguf");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_mutated_model_is_refused_or_answers(int seed)
    {
        byte[] good = TinyModel.Bytes();
        File.WriteAllBytes(_path, good);
        int headerLength;
        using (var file = GgufFile.Open(_path))
            headerLength = (int)file.Tensors.Values.Min(tensor => tensor.Offset);
        var random = new Xoshiro256((ulong)seed);
        int answered = 0;
        for (int round = 0; round < 400; round++)
        {
            byte[] bad = [.. good];
            // Most of the header is vocabulary; the hyper-parameters and the directory at its ends get their share.
            int at = (int)(random.Next() % 3) switch
            {
                0 => (int)(random.Next() % 800),
                1 => headerLength - 1 - (int)(random.Next() % 1600),
                _ => (int)(random.Next() % (ulong)headerLength),
            };
            bad[at] = random.Next() % 2 == 0 ? (byte)random.Next() : (byte)(bad[at] ^ (1 << (int)(random.Next() % 8)));
            File.Delete(_path);
            File.WriteAllBytes(_path, bad);
            try
            {
                using var model = LoadedModel.Load(_path, new LoadOptions { ContextLength = 16 });
                int[] tokens = model.Tokenizer.Encode("Hi the", addSpecial: true);
                float[] last = [];
                model.Logits(
                    tokens.AsSpan(0, Math.Min(tokens.Length, 8)), (_, logits) => last = logits.ToArray(), threads: 1,
                    TestContext.Current.CancellationToken);
                int picked = Sampler.Create(SamplingOptions.Greedy, model.SamplerDefaults, model.Tokenizer, 1).Pick(last);
                model.Tokenizer.Decode([picked]);
                answered++;
            }
            catch (Exception e) when (e is GgufException or ChatException)
            {
                Assert.NotEmpty(e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {round}, byte {at} = {bad[at]}: {e}");
            }
        }
        Assert.InRange(answered, 20, 380);
    }
}
